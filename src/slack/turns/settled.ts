/** Resolves when all work has ended, well or not, or after the time. */
export async function settled(work: ReadonlySet<Promise<void>>, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([Promise.allSettled(work), late.promise]);
  clearTimeout(timer);
}
