// Validates an AsyncAPI document with the reference parser; exits 1 on errors.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const path = process.argv[2];
const { document, diagnostics } = await new Parser().parse(readFileSync(path, "utf8"));
const errors = diagnostics.filter((each) => each.severity === 0);
for (const each of errors) {
  console.error(`${path}: ${each.path.join("/")}: ${each.message}`);
}
if (errors.length > 0 || document === undefined) {
  process.exit(1);
}
console.log(`${path}: ${document.allChannels().all().length} channels, valid`);
