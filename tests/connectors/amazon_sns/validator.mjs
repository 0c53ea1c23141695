// Amazon's own validator over request bodies, one JSON text a line on standard input: "valid" or why not, one a line.
//
//   node validator.mjs NODE_MODULES CERTIFICATES.json    the file maps URLs to PEM, in place of fetching them
import { EventEmitter } from "node:events";
import fs from "node:fs";
import https from "node:https";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";

const [modules, certificates] = process.argv.slice(2);
const known = JSON.parse(fs.readFileSync(certificates, "utf8"));
https.get = (url, take) => {
  const response = Object.assign(new EventEmitter(), { statusCode: url in known ? 200 : 404 });
  process.nextTick(() => {
    take(response);
    response.emit("data", Buffer.from(known[url] ?? ""));
    response.emit("end");
  });
  return new EventEmitter();
};

const Validator = createRequire(path.join(modules, "x.js"))("sns-validator");
const validator = new Validator();
for await (const line of readline.createInterface({ input: process.stdin })) {
  const body = JSON.parse(line);
  console.log(
    await new Promise((done) => {
      try {
        validator.validate(body, (error) => done(error ? error.message.replaceAll(/\s/g, " ") : "valid"));
      } catch (error) {
        done(`thrown: ${error.message}`.replaceAll(/\s/g, " "));
      }
    }),
  );
}
