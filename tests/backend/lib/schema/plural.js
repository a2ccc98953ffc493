// English plurals as the npm package pluralize 8 makes them, which names the list and
// sync queries of an API. The whole name is one word: no splitting at capitals.

const IRREGULAR = new Map(
    `i/we me/us he/they she/they them/them myself/ourselves yourself/yourselves
    itself/themselves herself/themselves himself/themselves themself/themselves is/are
    was/were has/have this/these that/those echo/echoes dingo/dingoes volcano/volcanoes
    tornado/tornadoes torpedo/torpedoes genus/genera viscus/viscera stigma/stigmata
    stoma/stomata dogma/dogmata lemma/lemmata schema/schemata anathema/anathemata ox/oxen
    axe/axes die/dice yes/yeses foot/feet eave/eaves goose/geese tooth/teeth quiz/quizzes
    human/humans proof/proofs carve/carves valve/valves looey/looies thief/thieves
    groove/grooves pickaxe/pickaxes passerby/passersby`
        .split(/\s+/)
        .map((pair) => pair.split("/")),
);
const IRREGULAR_PLURALS = new Set(IRREGULAR.values());

const UNCOUNTABLE = new Set(
    `adulthood advice agenda aid aircraft alcohol ammo analytics anime athletics audio
    bison blood bream buffalo butter carp cash chassis chess clothing cod commerce
    cooperation corps debris diabetes digestion elk energy equipment excretion expertise
    firmware flounder fun gallows garbage graffiti hardware headquarters health herpes
    highjinks homework housework information jeans justice kudos labour literature
    machinery mackerel mail media mews moose music mud manga news only personnel pike
    plankton pliers police pollution premises rain research rice salmon scissors series
    sewage shambles shrimp software species staff swine tennis traffic transportation
    trout tuna wealth welfare whiting wildebeest wildlife you`.split(/\s+/),
);

// stems("a b", "um|a") matches words that end in one of the stems with one of the
// endings.
const stems = (list, endings) =>
    new RegExp(`(${list.split(/\s+/).join("|")})(?:${endings})$`, "i");

// The first rule whose pattern matches decides. $1 is kept; the rest takes the letter
// case of what it replaces. No replacement: the word stays as it is.
const RULES = [
    [/sheep$|pox$|ois$|ous$|measles$|fish$|deer$|pokemon$|[^aeiou]ese$/i],
    [/^thou$/i, "you"],
    [/m[ae]n$/i, "men"],
    [/eaux$/i],
    [/(child)(ren)?$/i, "$1ren"],
    [/(pe)(rson|ople)$/i, "$1ople"],
    [/\b((?:tit)?m|l)(?:ice|ouse)$/i, "$1ice"],
    [stems("matr cod mur sil vert ind append", "ix|ex"), "$1ices"],
    [/(x|ch|ss|sh|zz)$/i, "$1es"],
    [/([^ch][ieo][ln])ey$/i, "$1ies"],
    [/([^aeiouy]|qu)y$/i, "$1ies"],
    [/(kni|wi|li)fe$/i, "$1ves"],
    [/(ar|l|ea|eo|oa|hoo)f$/i, "$1ves"],
    [/sis$/i, "ses"],
    [
        stems(
            `apheli hyperbat periheli asyndet noumen phenomen criteri organ prolegomen
            hedr automat`,
            "a|on",
        ),
        "$1a",
    ],
    [
        stems(
            `agend addend millenni dat extrem bacteri desiderat strat candelabr errat ov
            symposi curricul automat quor`,
            "a|um",
        ),
        "$1a",
    ],
    [/(her|at|gr)o$/i, "$1oes"],
    [/(seraph|cherub)(?:im)?$/i, "$1im"],
    [stems("alumn alg vertebr", "a|ae"), "$1ae"],
    [
        stems(
            `alumn syllab vir radi nucle fung cact stimul termin bacill foc uter loc
            strat`,
            "us|i",
        ),
        "$1i",
    ],
    [/([^l]ias|[aeiou]las|[ejzr]as|[iu]am)$/i],
    [/(e[mn]u)s?$/i, "$1s"],
    [/(alias|[^aou]us|t[lm]as|gas|ris)$/i, "$1es"],
    [/(ax|test)is$/i, "$1es"],
    [/[^\u0000-\u007F]$/],
    [/s?$/i, "s"],
];

function keepCase(from, to) {
    if (from === to) return to;
    if (from === from.toLowerCase()) return to.toLowerCase();
    if (from === from.toUpperCase()) return to.toUpperCase();
    const lower = to.toLowerCase();
    return from[0] === from[0].toUpperCase()
        ? lower[0].toUpperCase() + lower.slice(1)
        : lower;
}

export function plural(word) {
    const lower = word.toLowerCase();
    if (IRREGULAR_PLURALS.has(lower)) return keepCase(word, lower);
    if (IRREGULAR.has(lower)) return keepCase(word, IRREGULAR.get(lower));
    if (UNCOUNTABLE.has(lower)) return word;
    for (const [pattern, replacement] of RULES) {
        const match = pattern.exec(word);
        if (!match) continue;
        if (!replacement) return word;
        const text = replacement.replace("$1", match[1] ?? "");
        const from = match[0] === "" ? word.slice(-1) : match[0];
        return word.slice(0, match.index) + keepCase(from, text);
    }
    return word;
}
