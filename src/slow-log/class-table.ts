import { fingerprintId, fingerprintOf } from '../sql/fingerprint.ts';
import type { StatementReducer } from '../sql/statement-reducer.ts';
import { QueryClass } from './query-class.ts';

/** How much of a fingerprint is kept; its id is made of all of it. */
const FINGERPRINT_BYTES = 1 << 16;

/** A reduced text that was seen, and its class. */
interface Known {
  readonly check: number;
  readonly length: number;
  readonly queryClass: QueryClass;
  readonly next: Known | undefined;
}

/** The classes of a digest, found by a hash of the reduced text, so that a fingerprint is made once per text. */
export class ClassTable {
  readonly classes = new Map<string, QueryClass>();
  private readonly known = new Map<number, Known>();

  /** The class of the statement that the reducer has just finished. */
  find(reducer: StatementReducer): QueryClass {
    const { bytes, length } = reducer.text;
    let hash = 0;
    let check = reducer.isVerbatim ? 1 : 0;
    for (let i = 0; i < length; i++) {
      const byte = bytes[i] as number;
      hash = Math.imul(hash ^ byte, 0x01000193);
      check = (Math.imul(check, 31) + byte) | 0;
    }
    const first = this.known.get(hash);
    for (let it = first; it !== undefined; it = it.next) {
      if (it.check === check && it.length === length) return it.queryClass;
    }
    const bytesOfPrint = Buffer.from(fingerprintOf(reducer), 'latin1');
    const queryClass = this.get(fingerprintId(bytesOfPrint), bytesOfPrint.subarray(0, FINGERPRINT_BYTES).toString());
    this.known.set(hash, { check, length, queryClass, next: first });
    return queryClass;
  }

  get(id: string, fingerprint: string): QueryClass {
    let queryClass = this.classes.get(id);
    if (queryClass === undefined) {
      queryClass = new QueryClass(id, fingerprint);
      this.classes.set(id, queryClass);
    }
    return queryClass;
  }
}
