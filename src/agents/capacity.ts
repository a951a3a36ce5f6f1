import { z } from 'zod';
import { judgeBloat, judgeOpenFiles, judgeVolumes } from '../judgements/capacity.ts';
import { judgeGrowth } from '../judgements/growth.ts';
import { judgeMemoryUse } from '../judgements/memory.ts';
import { listSizes, sizesHeadline } from '../judgements/sizes.ts';
import { judgeNumbers } from '../judgements/tables.ts';
import { binaryLogs } from '../probes/binary-logs.ts';
import { counters } from '../probes/counters.ts';
import { hostMemory } from '../probes/host-memory.ts';
import { pastSizes } from '../probes/past.ts';
import { evidenceOf } from '../probes/probe.ts';
import { schemaCatalogue } from '../probes/schema-catalogue.ts';
import { tableSizes } from '../probes/table-sizes.ts';
import { volumes } from '../probes/volumes.ts';
import { defineAgent } from './agent.ts';
import { thresholdsFor } from './thresholds.ts';

export const capacity = defineAgent({
  name: 'capacity',
  tool: 'analyze_capacity',
  title: 'Capacity',
  description: 'Disk, growth and limits, and when they run out.',
  useCases: ['When will the disk be full', 'Fastest growing tables'],
  checks: [
    'room and inodes of every volume that the server writes to',
    'sizes by schema and table, free space inside table files, the share of the binary logs',
    'growth by table and when each volume is full, with an interval, from the history that the bot keeps',
    'open files against their limit, memory of the server process against its host',
    'auto-increment columns and sequences that run out of numbers',
  ],
  routing: [
    '^(?!.*\\b(flush(ed|es|ing)?|written|synced) to disk)(?!.*\\b(temp\\w*|tmp|sort(s|ed|ing)?) ?(tables?|files?|on|to)\\b).*\\bdisks?\\b',
    '\\bspace\\b',
    '\\bcapacity\\b',
    '^(?!.*\\b(lag|delay|behind|seconds_behind\\w*|replica\\w*|history|undo|queue|connections|threads|sessions|waits?)\\b).*(grow(th|ing|s|n)?|grew)\\b',
    'forecast',
    'storage',
    'run(ning)? out of (disk|space|room|storage|memory|inodes)',
    '(biggest|largest|fastest) .{0,15}(tables?|schemas?|databases?)',
    'how (big|large|much (data|space|room|disk))\\b(?!.{0,15}\\blos)(?!.{0,30}\\bpools?\\b)',
    'table sizes?',
    '(tables?|schemas?|databases?)( (is|are))?( the)? (biggest|largest)',
    'sizes? of',
    'fill(s|ing|ed)? up',
    'bloat',
    'fragment',
    'open files',
    '\\b(bin(ary)?|relay|undo|redo|general|slow|error)[ -]?logs? .{0,20}(eat|fill|disk|space|big|huge|size|\\d ?([gmt]i?b|%))',
    'speicherplatz|platte|festplatte|wächst',
    'espace disque|disque',
    'espacio|\\bdisco\\b',
    'days? until',
    'headroom',
    '^(?!.*\\b(transactions?|trx|lag|delay|queue|result|load|statements?|quer(y|ies)|history)\\b).*\\b(huge|gigantic|enormous)\\b',
    'ibdata|ibtmp|tablespaces?|\\bvolumes?\\b|free space|full disk',
    '(database|schema|table|data|index)s? sizes?|sizes? (per|by)',
    '\\b(fest)?platten?\\b|speicherplatz|\\bdisque\\b|\\bdisco\\b|\\bespaci?o (libre|en|queda)|espace (disque|libre|restant)|(größte|grosste|großte|biggest|largest)[nr]? (tabellen?|tables?)|(tabla|table|tabela)s? (mas|les plus|la plus|mais) (grande|grosse|gross)|\\bwachs(t|en|tum)\\b|crecimiento|croissance',
    '\\binodes?\\b|\\b(ram|memory) (usage|use|used|full|left)',
    '\\bram\\b',
    'data ?(directory|dir)\\b',
  ],
  parameters: z.object({ days: z.number().min(1).max(3_650).default(30) }),
  instead: 'incident_triage',
  async collect(collector, { days }, target) {
    const hours = thresholdsFor(target.thresholds).forecastMinimumHours;
    const [disks, sizes, binlogs, sampled, memory, catalogue, past] = await Promise.all([
      collector.read(volumes, undefined, { essential: true }),
      collector.read(tableSizes),
      collector.read(binaryLogs, undefined, { optional: true }),
      collector.read(counters, undefined, { essential: true }),
      collector.read(hostMemory, undefined, { optional: true }),
      collector.read(schemaCatalogue),
      collector.read(pastSizes, { days, hours }),
    ]);
    return { disks, sizes, binlogs, sampled, memory, catalogue, past };
  },
  diagnose(seen, { params, target, facts, thresholds, nowMs }) {
    const { disks, sizes, binlogs, sampled, memory, catalogue, past } = seen;
    const tables = sizes.status === 'read' ? sizes.data : undefined;
    const files = binlogs.status === 'read' ? binlogs.data : [];
    const shown = {
      target: target.name,
      volumes: disks.status === 'read' ? disks.data : [],
      tables,
      binlogBytes: files.reduce((sum, { File_size }) => sum + File_size, 0),
      binlogFiles: files.length,
      unknownGrowth: past.status === 'read' ? undefined : past.blindness.summary,
      evidence: evidenceOf(sizes, disks, binlogs),
    };
    const findings = [
      ...judgeVolumes(shown.volumes, facts, thresholds, evidenceOf(disks)),
      ...judgeBloat(tables ?? [], thresholds, evidenceOf(sizes)),
      ...(sampled.status === 'read'
        ? judgeOpenFiles(target.name, sampled.data, [], facts, thresholds, evidenceOf(sampled))
        : []),
      ...(memory.status === 'read' ? judgeMemoryUse(target.name, memory.data, thresholds, evidenceOf(memory)) : []),
      ...(catalogue.status === 'read'
        ? judgeNumbers({ catalogue: catalogue.data, thresholds, evidence: evidenceOf(catalogue) })
        : []),
      ...(past.status === 'read'
        ? judgeGrowth({
            target: target.name,
            past: past.data,
            volumes: shown.volumes,
            days: params.days,
            nowMs,
            thresholds,
            evidence: evidenceOf(past, disks),
          })
        : []),
      ...listSizes(shown),
    ];
    return { findings, headline: sizesHeadline(shown) };
  },
});
