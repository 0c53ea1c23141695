// Writes every event of a JSON list on standard input as the official library does: in binary, then in structured mode.
const path = require("path");
const { CloudEvent, HTTP } = require(path.join(process.argv[2], "node_modules", "cloudevents"));

const events = JSON.parse(require("fs").readFileSync(0, "utf8"));
const messages = events.flatMap((attributes) => {
  const event = new CloudEvent(attributes);
  return [HTTP.binary(event), HTTP.structured(event)];
});
process.stdout.write(JSON.stringify(messages.map(({ headers, body }) => ({ headers, body }))));
