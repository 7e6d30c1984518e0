// SPDX-License-Identifier: Apache-2.0

// Serves the Forward protocol with the settings of the first argument (JSON) and prints one JSON line for each event.
"use strict";
const { FluentServer } = require("@fluent-org/logger");

const settings = JSON.parse(process.argv[2]);
const server = new FluentServer({
  listenOptions: { port: settings.port, host: "127.0.0.1" },
  security: settings.security,
});
const print = (value) => process.stdout.write(JSON.stringify(value) + "\n");
server.on("entry", (tag, time, record) => print({ tag, record }));
server.listen().then(() => print({ ready: true }));
