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

const RESULTS = {
    verified: { type: "success", text: _t("Presence verified") },
    too_far: { type: "warning", text: _t("You seem to be far from the customer") },
    inaccurate: {
        type: "warning",
        text: _t("Presence not verified: your position isn't accurate enough"),
    },
    refused: {
        type: "warning",
        text: _t(
            "Presence not verified: this device may not tell where it is. Allow it in the browser's settings."
        ),
    },
    no_signal: {
        type: "warning",
        text: _t("Presence not verified: your position wasn't found"),
    },
    no_target: {
        type: "info",
        text: _t("Presence not verified: nobody knows the customer's coordinates yet"),
    },
    own_target: {
        type: "info",
        text: _t(
            "Presence not verified: you have set the customer's coordinates yourself; a manager has to agree"
        ),
    },
};

/**
 * Tell the server where this device is, after a visit has begun or ended, where it waits
 * for that, and the salesperson what came of it. Whatever goes wrong, the visit goes on.
 *
 * @returns {Promise<string|null>} the status that the visit has now, if it has got one
 */
export async function recordPresence(visitId, orm, notification) {
    const call = (method, ...args) =>
        orm.silent.call("sales.visit", method, [[visitId]], ...args).catch(() => null);
    if (!(await call("expects_presence"))) {
        return null;
    }
    const status = await call("record_presence", await locate());
    const result = RESULTS[status];
    if (result) {
        notification.add(result.text, { type: result.type });
    }
    return status;
}
