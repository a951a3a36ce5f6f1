import { describe, expect, it } from 'vitest';
import { findBlockers, type Wait, type WaitKind } from '../../src/judgements/wait-graph.ts';

/** `3→2` is a wait for a row, `3→2 metadata` one of another kind. */
function waits(...edges: readonly string[]): Wait[] {
  return edges.map((edge) => {
    const [, waiter = '', blocker = '', kind = 'row'] = /^(\w+)→(\w+) ?(\w+)?$/.exec(edge) ?? [];
    return {
      waiter,
      blocker,
      kind: kind as WaitKind,
      object: 'shop.orders',
      waitedSeconds: Number(waiter),
      confidence: 'certain',
    };
  });
}

function summary(...edges: readonly string[]) {
  return findBlockers(waits(...edges)).map(({ circle, victims }) => [
    circle.join(' '),
    victims.map(({ subject, rootKind }) => `${subject} ${rootKind}`),
  ]);
}

describe('the wait graph', () => {
  it('counts victims through every level and names only the root', () => {
    expect(summary('4→3', '3→2', '2→1')).toEqual([['1', ['2 row', '3 row', '4 row']]]);
  });

  it('keeps independent chains apart', () => {
    expect(summary('2→1', '12→11', '13→11')).toEqual([
      ['1', ['2 row']],
      ['11', ['12 row', '13 row']],
    ]);
  });

  it('follows a chain from rows to a metadata lock: who holds rows and waits for a table is a victim', () => {
    expect(summary('3→2', '2→1 metadata')).toEqual([['1', ['2 metadata', '3 metadata']]]);
  });

  it('lists a victim of two roots under both', () => {
    expect(summary('3→1', '3→2')).toEqual([
      ['1', ['3 row']],
      ['2', ['3 row']],
    ]);
  });

  it('ends at a circle, which begins with whoever has waited the longest', () => {
    expect(summary('1→2', '2→3 metadata', '3→1', '9→2')).toEqual([['3 1 2', ['9 row']]]);
  });

  it('does not take a session for its own blocker', () => {
    expect(summary('1→1')).toEqual([]);
  });

  it('takes ten thousand sessions behind one, and ten thousand levels', () => {
    const wide = Array.from({ length: 10_000 }, (_, at) => `${at + 2}→1`);
    const deep = Array.from({ length: 10_000 }, (_, at) => `${at + 2}→${at + 1}`);
    expect(findBlockers(waits(...wide)).map(({ victims }) => victims.length)).toEqual([10_000]);
    expect(findBlockers(waits(...deep)).map(({ victims }) => victims.length)).toEqual([10_000]);
  });
});
