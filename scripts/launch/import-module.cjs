// A process that begins with a snapshot cannot import modules from it, but what it requires can.
const { pathToFileURL } = require('node:url');

/** @param {string} file */
module.exports = (file) => import(pathToFileURL(file).href);
