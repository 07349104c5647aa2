// @ts-check
// What was understood, in the words of the language that the page is in.

/** @import { Texts } from "./data.js" */
/** @import { Field } from "./summary.js" */

const DAY = /^\d{4}-\d\d-\d\d$/;
const AMOUNTS = /^\d+(\.\d+)?(-\d+(\.\d+)?)?$/; // one, or from one to another
const DATE = /** @type {const} */ ({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
// Lakhs and crores in every language: browsers group some of them by thousands.
const RUPEES = /** @type {const} */ ({ style: "currency", currency: "INR", minimumFractionDigits: 0 });

/**
 * What a field is called. Staff's own word stands where ours could mean another field as well.
 *
 * @param {Field} field
 * @param {Texts} texts
 */
export function labelOf({ kind, label, onlyOfKind }, texts) {
  /** @type {Texts} */
  const ours = { name: texts.fieldName, phone: texts.fieldPhone, email: texts.fieldEmail };
  return (onlyOfKind && ours[kind]) || label;
}

/**
 * A value as people read it; as it is when it is not what its kind promises.
 *
 * @param {Field} field
 * @param {Texts} texts
 */
export function asRead({ kind, value }, texts) {
  if (kind === "yes_no" && value === "yes") return texts.answerYes;
  if (kind === "yes_no" && value === "no") return texts.answerNo;
  if (kind === "date" && DAY.test(value)) {
    const day = new Date(`${value}T00:00`);
    return Number.isNaN(day.getTime()) ? value : dateAsRead(day, value);
  }
  if (kind === "money" && AMOUNTS.test(value)) {
    const rupees = new Intl.NumberFormat("en-IN", RUPEES); // made when needed: on a slow phone it takes a tenth of a second
    const amounts = value.split("-").map((amount) => rupees.format(Number(amount)));
    return amounts.join(" – ");
  }
  return value;
}

/**
 * @param {Date} day
 * @param {string} value the same as `2026-11-30`
 */
function dateAsRead(day, value) {
  const language = document.documentElement.lang;
  const written = new Intl.DateTimeFormat(`${language}-u-nu-latn`, DATE).format(day); // in the page's own figures
  // Of Odia and Punjabi, browsers know no names of days and months.
  const foreign = !language.startsWith("en") && /[a-z]/i.test(written);
  return foreign ? value.split("-").reverse().join("-") : written;
}
