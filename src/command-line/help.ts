import { agents } from '../agents/registry.ts';

/** What `--help` prints; the agents' part derives from the registry. */
export function helpText(): string {
  const list = agents.map(({ name, description }) => `  ${name.padEnd(20)}${description}`).join('\n');
  return `dbcheck: ask a MariaDB server what is wrong with it

  dbcheck "is orders-prod healthy?"     plan, run, answer once
  dbcheck                               a conversation; help, clear, quit
  dbcheck check --agents a,b|all        run agents without planning
  dbcheck query "SELECT …"              run one statement that only reads, behind the guard
  dbcheck plan < questions              where questions would go; no database
  dbcheck guard < statements            which statements a read-only inspection would allow
  dbcheck digest FILE…                  digest slow logs (- reads standard input)
  dbcheck agents | targets | preflight  the agents; the servers; what is missing to see everything
  dbcheck spending                      what the bot's model cost, by day, purpose and model: --days, --json
  dbcheck audit                         who asked or did what: --since 7d, --until, --target, --json

options
  --target NAME          the server (also after a question)
  --all-targets, --tag T several servers at once (check)
  --json                 the report as JSON
  --fail-on LEVEL        exit 3 at warning or critical
  --fresh                no cached results
  --config FILE          instead of DBCHECK_CONFIG or ./dbcheck.yml
  --error-log-path FILE  an error log that this machine can read
  --version              the release
  Agents' parameters are flags too: dbcheck check --agents slow_query --hours 3

exit codes: 0 answered, 1 could not answer, 2 wrong call or configuration, 3 --fail-on

agents
${list}
`;
}
