// Validates events with ajv: reads {"schemas": {name: schema}, "events": […]} from standard input, writes a list of lists of errors.
"use strict";

const Ajv2020 = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

const { schemas, events } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
addFormats(ajv);
for (const schema of Object.values(schemas)) ajv.addSchema(schema);

const check = (name, value) => {
  const validate = ajv.getSchema(name);
  if (!validate) return [`no schema ${name}`];
  return validate(value) ? [] : validate.errors.map((error) => `${name}${error.instancePath}: ${error.message}`);
};
process.stdout.write(JSON.stringify(events.map((event) => [...check("cloudevent.json", event), ...check(`${event.type}.json`, event.data)])));
