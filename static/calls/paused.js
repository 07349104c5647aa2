// @ts-check
// The page of a paused agent: nobody can be called, but a number can be left.

import "./older.js";
import { CallbackForm } from "./callback.js";
import { readPageData } from "./data.js";

const data = readPageData();
new CallbackForm(data).offer({ language: data.language, name: "", visitorKey: "" });
