import { _t } from "@web/core/l10n/translation";

const OPTIONS = { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 };
const PERMISSION_DENIED = 1;

function locate() {
    return new Promise((resolve) => {
        if (!navigator.geolocation) {
            resolve({ failure: "no_signal" });
            return;
        }
        navigator.geolocation.getCurrentPosition(
            ({ coords }) =>
                resolve({
                    latitude: coords.latitude,
                    longitude: coords.longitude,
                    accuracy: coords.accuracy,
                }),
            (error) =>
                resolve({
                    failure: error.code === PERMISSION_DENIED ? "refused" : "no_signal",
                }),
            OPTIONS
        );
    });
}

/**
 * Tell the server where this device is, after a visit has begun or ended, where it waits
 * for that. Whatever goes wrong, the visit goes on.
 */
export async function recordPresence(visitId, orm, notification) {
    const call = (method, ...args) =>
        orm.silent.call("sales.visit", method, [[visitId]], ...args).catch(() => null);
    if (!(await call("expects_presence"))) {
        return;
    }
    const status = await call("record_presence", await locate());
    if (status === "verified") {
        notification.add(_t("Presence verified"), { type: "success" });
    } else if (status === "too_far") {
        notification.add(_t("You seem to be far from the customer"), { type: "warning" });
    } else if (status) {
        notification.add(_t("Presence not verified"), { type: "info" });
    }
}
