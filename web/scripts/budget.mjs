// Asserts the budget of the page after each build: the script that the desk opens with and each part that is fetched
// when a screen is opened, in gzip, and nothing inline that the policy forbids.
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
const SCRIPT_BUDGET = 40 * 1024;
const PART_BUDGET = 8 * 1024;

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} kB`;

const page = readFileSync(new URL("index.html", DIST), "utf8");
const faults = [];
let script = 0;
let style = 0;
let parts = 0;
for (const name of readdirSync(new URL("assets/", DIST))) {
  const size = gzipSync(readFileSync(new URL(`assets/${name}`, DIST)), { level: 9 }).length;
  if (name.endsWith(".js") && page.includes(name)) script += size;
  else if (name.endsWith(".js")) {
    parts += 1;
    if (size > PART_BUDGET) faults.push(`${name} has ${kilobytes(size)} of ${kilobytes(PART_BUDGET)}`);
  }
  if (name.endsWith(".css")) style += size;
}
console.log(`script ${kilobytes(script)} of ${kilobytes(SCRIPT_BUDGET)} (gzip), ${parts} parts fetched when opened, style ${kilobytes(style)}`);

if (script === 0) faults.push("no script was built");
if (script > SCRIPT_BUDGET) faults.push("the script is over its budget");
if (/<script(?![^>]*\bsrc=)/.test(page)) faults.push("index.html holds an inline script");
if (/<style|\sstyle=|\son[a-z]+=/.test(page)) faults.push("index.html holds inline style or handlers");
if (faults.length > 0) {
  console.error(`The build breaks its promises: ${faults.join("; ")}.`);
  process.exit(1);
}
