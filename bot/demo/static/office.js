// The office's words and time: platforms' names, and the demo clock read in Asia/Shanghai wherever the browser is.

const NAMES = { wecom: "企业微信", dingtalk: "钉钉", yunzhijia: "云之家", yuezhengyi: "粤政易" };
const WEEKDAYS = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];
const EAST = 8 * 3600 * 1000; // no summer time since 1991
const DAY = 86400 * 1000;

export const platformName = (platform) => NAMES[platform] ?? platform;

const two = (number) => String(number).padStart(2, "0");
// A Date whose UTC parts are the parts of Shanghai's wall clock.
const wall = (moment) => new Date(Number(moment) + EAST);

export function time(moment) {
  const at = wall(moment);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

export function seconds(moment) {
  return `${time(moment)}:${two(wall(moment).getUTCSeconds())}`;
}

export function date(moment) {
  const at = wall(moment);
  return `${at.getUTCFullYear()}年${at.getUTCMonth() + 1}月${at.getUTCDate()}日 ${WEEKDAYS[at.getUTCDay()]}`;
}

const dayNumber = (moment) => Math.floor((Number(moment) + EAST) / DAY);

// How a chat writes a time above a message.
export function stamp(moment, now) {
  const days = dayNumber(now) - dayNumber(moment);
  if (days === 0) return time(moment);
  if (days === 1) return `昨天 ${time(moment)}`;
  const at = wall(moment);
  return `${at.getUTCMonth() + 1}月${at.getUTCDate()}日 ${WEEKDAYS[at.getUTCDay()]} ${time(moment)}`;
}

export function nextMonday(now) {
  const ahead = (8 - wall(now).getUTCDay()) % 7 || 7;
  return new Date((dayNumber(now) + ahead) * DAY - EAST + 9 * 3600 * 1000);
}

// `2026-05-06T09:00` as a wall clock in Shanghai, and back.
export const fromWall = (text) => new Date(Date.parse(`${text}:00Z`) - EAST);
export const toWall = (moment) => wall(moment).toISOString().slice(0, 16);

export const clock = {
  ahead: 0, // milliseconds before this computer's clock
  now() {
    return new Date(Date.now() + this.ahead);
  },
  set(text) {
    this.ahead = Date.parse(text) - Date.now();
  },
};
