import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../../src/report/report.ts';
import type { Fault, World } from './fault.ts';

/** Gets a report about a world that is broken right now. */
export type Ask = (world: World, fault: Fault) => Promise<Report>;

const commandLineProgram = join(import.meta.dirname, '../../src/dbcheck.js');

/** Runs the agents that the fault names, or all, as `dbcheck check` does, in a process of its own. */
export const askByCheck: Ask = async (world, fault) => {
  const agents = fault.agents?.join(',') ?? 'all';
  return await runCli(world, ['check', '--agents', agents, ...(fault.flags ?? [])]);
};

/** Asks the fault's question as a person would; planning is part of what is judged. */
export const askByQuestion: Ask = async (world, fault) => {
  return await runCli(world, [fault.question]);
};

/** Writes a dbcheck.yml that names the world's servers; it goes with the world. */
async function writeConfiguration(world: World): Promise<string> {
  const path = join(world.primary.directory, 'dbcheck.yml');
  // JSON is YAML, and quotes whatever a path or a password may hold.
  await writeFile(path, JSON.stringify({ targets: world.targets }, undefined, 2), { mode: 0o600 });
  return path;
}

async function runCli(world: World, args: readonly string[]): Promise<Report> {
  const configuration = await writeConfiguration(world);
  const words = [commandLineProgram, ...args, '--json', '--target', world.about, '--config', configuration];
  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
    const limits = { timeout: 120_000, maxBuffer: 256 << 20 };
    // A report about a critical server may come with an exit code; the report counts.
    execFile(process.execPath, words, limits, (_, stdout, stderr) => resolve({ stdout, stderr }));
  });
  try {
    const report: Report = JSON.parse(stdout);
    return report;
  } catch {
    throw new Error(`no report: ${(stderr || stdout).trim().slice(-600) || 'the program printed nothing'}`);
  }
}
