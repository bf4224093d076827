// Keeps one comment on a pull request: it is created by the first run of a job and updated by
// later ones. A job that may not write, as that of a fork's pull request, is told so and goes on.
const fs = require("fs");
const path = require("path");

const longest = 65536; // what GitHub takes

async function comment({ github, context, core, report, key }) {
  const file = path.join(report, "report.md");
  if (!fs.existsSync(file)) {
    core.warning("no comment: the run left no report");
    return;
  }
  const number = context.payload.pull_request && context.payload.pull_request.number;
  if (!number) {
    core.info("no comment: this is no pull request");
    return;
  }
  // Nothing of a name can end the mark, which is a comment of HTML.
  const mark = `<!-- oauthbench ${encodeURIComponent(key).replace(/-/g, "%2D")} -->`;
  const run = `${context.serverUrl}/${context.repo.owner}/${context.repo.repo}/actions/runs/${context.runId}`;
  const end = `\n\n[The run and its report](${run})\n\n${mark}\n`;
  const body = fs.readFileSync(file, "utf8").slice(0, longest - end.length) + end;
  const where = { owner: context.repo.owner, repo: context.repo.repo };
  try {
    let known = null;
    const pages = github.paginate.iterator(github.rest.issues.listComments, { ...where, issue_number: number, per_page: 100 });
    for await (const { data } of pages) {
      known = known || data.find((c) => c.body && c.body.includes(mark));
    }
    if (known) await github.rest.issues.updateComment({ ...where, comment_id: known.id, body });
    else await github.rest.issues.createComment({ ...where, issue_number: number, body });
  } catch (error) {
    if (error.status !== 403 && error.status !== 404) throw error;
    core.warning("no comment: the job may not write to pull requests (permissions: pull-requests: write; a fork's job never may)");
  }
}

module.exports = comment;
