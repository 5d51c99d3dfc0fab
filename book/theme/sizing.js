// The forms of the page on sizing. Each formula here has to agree with the program's: every row of every table on the page holds what the program
// worked out, and unless all of them come out the same, in numbers and in words, the forms stay hidden. The page is readable without any of this.
(() => {
    "use strict";
    const SIZES = [[1099511627776, "TB"], [1073741824, "GB"], [1048576, "MB"], [1024, "kB"]];
    const ENDINGS = [["tb", 1099511627776], ["gb", 1073741824], ["mb", 1048576], ["kb", 1024], ["ms", 0.001], ["min", 60], ["g", 1e9], ["m", 1e6], ["k", 1e3], ["b", 1], ["s", 1]];
    const TIMES = ["ms", "s", "min"];

    const tenth = (value) => String(Math.round(value * 10) / 10);
    const size = (bytes) => {
        const found = SIZES.find(([factor]) => bytes >= factor);
        return found ? `${tenth(bytes / found[0])} ${found[1]}` : `${tenth(bytes)} B`;
    };
    const written = {
        "bytes": size,
        "bytes-per-second": (value) => `${size(value)}/s`,
        "per-second": (value) => `${tenth(value)}/s`,
        "seconds": (value) => `${tenth(value)} s`,
        "milliseconds": (value) => `${tenth(value)} ms`,
        "count": tenth,
        "factor": (value) => `${tenth(value)}\u00d7`,
        "yes-no": (value) => (value === 0 ? "no" : "yes"),
    };

    // What somebody typed, or NaN.
    const read = (text, unit) => {
        const plain = text.trim().toLowerCase().replace(/\/s$/, "");
        if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(plain)) return Number(plain);
        const ending = ENDINGS.find(([name]) => plain.endsWith(name));
        if (!ending) return NaN;
        const number = plain.slice(0, -ending[0].length).trim();
        if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(number)) return NaN;
        const time = TIMES.includes(ending[0]);
        if (unit === "seconds" && time) return Number(number) * ending[1];
        if (unit === "milliseconds" && time) return Number(number) * ending[1] * 1000;
        if ((unit === "bytes" || unit === "bytes-per-second") && !time) return Number(number) * ending[1];
        if ((unit === "per-second" || unit === "count") && ["k", "m", "g"].includes(ending[0])) return Number(number) * ending[1];
        return NaN;
    };

    const majority = (of) => Math.floor(of / 2) + 1;
    const needed = (sentinels, quorum) => Math.max(majority(sentinels), quorum);
    const digits = (n) => (n < 10 ? 1 : Math.floor(Math.log10(n)) + 1);
    const copied = (data, touches, page) => {
        const pages = Math.max(data / page, 1);
        return pages * page * (1 - Math.exp(-touches / pages));
    };

    const rules = {
        "stream": ([key, value, writes]) => {
            const bytes = 4 + [3, key, value].reduce((sum, length) => sum + 5 + digits(length) + length, 0);
            return [bytes, bytes * writes];
        },
        "backlog": ([rate, outage, margin]) => {
            const bytes = Math.max(rate * outage * margin, 16384);
            return [bytes, bytes / rate, 1048576 / rate, 10485760 / rate];
        },
        "sync": ([data, speed, rate, hard, soft, allowed]) => {
            const takes = data / speed;
            const waiting = rate * takes;
            const over = soft > 0 && waiting > soft ? takes - soft / rate : 0;
            const ends = (hard <= 0 || waiting < hard) && over <= allowed;
            return [takes, waiting, over, ends ? 1 : 0, waiting * 2];
        },
        "snapshot": ([data, writes, speed, pages]) => {
            const lives = data / speed;
            const touches = writes * lives * pages;
            const small = copied(data, touches, 4096);
            return [lives, small, data + small, (data + small) / data, data + copied(data, touches, 2097152)];
        },
        "loss": ([writes, lag, cut]) => {
            const earliest = Math.max(lag - 1, 0);
            const latest = lag + 2;
            return [earliest, latest, writes * Math.min(earliest, cut), writes * Math.min(latest, cut), writes * cut];
        },
        "minority": ([writes, milliseconds]) => {
            const timeout = milliseconds / 1000;
            const latest = timeout * 1.5 + 0.2;
            return [timeout, latest, writes * timeout, writes * latest];
        },
        "sentinels": ([sentinels, quorum]) => {
            const votes = needed(sentinels, quorum);
            return [majority(sentinels), votes, sentinels - quorum, sentinels - votes];
        },
        "sites": ([first, second, third, quorum]) => {
            const all = first + second + third;
            const votes = needed(all, quorum);
            return [votes, ...[first, second, third].map((lost) => (all - lost >= votes ? 1 : 0))];
        },
        "cluster": ([masters, replicas]) => {
            const spare = replicas > 0 ? masters - majority(masters) : 0;
            return [masters * (1 + replicas), majority(masters), spare, Math.min(spare, replicas)];
        },
        "sentinel-failover": ([down, timeout]) => [(down + 208) / 1000, (down + 3400) / 1000, (2 * timeout) / 1000, (Math.min(timeout, 10000) + 1000) / 1000],
        "cluster-failover": ([timeout, rank]) => [(timeout + 500 + rank * 1000) / 1000, (2 * timeout + 1300 + rank * 1000) / 1000],
        "shards": ([data, perShard, writes, perWriter, margin]) => {
            const forData = Math.ceil(data / perShard);
            const forWrites = Math.ceil(writes / perWriter);
            return [forData, forWrites, Math.max(Math.ceil(Math.max(forData, forWrites) * margin), 3)];
        },
    };
    // Inputs that make no sense together.
    const refuses = {
        "backlog": ([rate]) => rate <= 0 && "where nothing is written any backlog lasts for ever: the rate has to be above 0",
        "sentinels": ([sentinels, quorum]) => quorum > sentinels && "the quorum is larger than the number of Sentinels: nobody could ever declare the master down",
        "sites": ([first, second, third, quorum]) => {
            if (first + second + third < 1) return "there is no Sentinel on any site";
            return quorum > first + second + third && "the quorum is larger than the number of Sentinels: nobody could ever declare the master down";
        },
    };

    const close = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

    // Every row whose numbers or words come out otherwise here; `rows` is how many there were.
    const compare = (root) => {
        const differences = [];
        let rows = 0;
        for (const block of root.querySelectorAll("[data-rh-sizing]")) {
            const name = block.dataset.rhSizing;
            const units = [...block.querySelectorAll("form [data-rh-unit]")].map((element) => element.dataset.rhUnit);
            for (const row of block.querySelectorAll("tr[data-rh-in]")) {
                rows += 1;
                const inputs = JSON.parse(row.dataset.rhIn);
                const expected = JSON.parse(row.dataset.rhOut);
                const answers = rules[name] ? rules[name](inputs) : [];
                const words = [...inputs, ...answers].map((value, i) => written[units[i]](value));
                const told = [...row.cells].map((cell) => cell.textContent);
                const same = answers.length === expected.length && answers.every((value, i) => close(value, expected[i]));
                if (!same || words.join("|") !== told.join("|")) differences.push(`${name} ${row.dataset.rhIn}: ${JSON.stringify(answers)} ${words.join("|")}`);
            }
        }
        return { rows, differences };
    };

    const work = (block, form) => {
        const name = block.dataset.rhSizing;
        const fields = [...form.querySelectorAll("input")];
        const inputs = fields.map((field) => read(field.value, field.dataset.rhUnit));
        let reason = "";
        fields.forEach((field, i) => {
            const whole = field.dataset.rhUnit !== "count" || Number.isInteger(inputs[i]);
            const right = inputs[i] >= Number(field.dataset.rhLeast) && inputs[i] <= Number(field.dataset.rhMost) && whole;
            field.setAttribute("aria-invalid", String(!right));
            if (!right && !reason) {
                const bound = (value) => written[field.dataset.rhUnit](Number(value));
                reason = `${field.name} has to be a ${field.dataset.rhUnit === "count" ? "whole " : ""}number between ${bound(field.dataset.rhLeast)} and ${bound(field.dataset.rhMost)}`;
            }
        });
        reason = reason || (refuses[name] && refuses[name](inputs)) || "";
        const answers = reason ? [] : rules[name](inputs);
        form.querySelector(".rh-refused").textContent = reason;
        [...form.querySelectorAll("dd")].forEach((place, i) => {
            const unit = place.dataset.rhUnit;
            const exact = unit === "bytes" && answers[i] >= 1024 ? ` (${Math.round(answers[i])})` : "";
            place.textContent = reason ? "\u2013" : written[unit](answers[i]) + exact;
        });
    };

    const begin = () => {
        const blocks = [...document.querySelectorAll("[data-rh-sizing]")];
        if (blocks.length === 0) return;
        const result = compare(document);
        // For whoever tests the page: how many rows were compared, and which did not agree.
        document.documentElement.dataset.rhSizingRows = String(result.rows);
        document.documentElement.dataset.rhSizingDiffers = String(result.differences.length);
        if (result.rows === 0 || result.differences.length > 0) {
            result.differences.forEach((line) => console.error(`sizing: otherwise than the program says: ${line}`));
            return;
        }
        for (const block of blocks) {
            const form = block.querySelector("form");
            form.hidden = false;
            form.addEventListener("submit", (event) => event.preventDefault());
            form.addEventListener("input", () => work(block, form));
            work(block, form);
        }
    };

    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
    else begin();
})();
