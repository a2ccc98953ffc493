/*
** The plural of a type name, as npm's pluralize 8.0.0 makes it: Amplify's operation names hold
** it, and so must ours, right or wrong as English. The rules are its data, in its order, applied
** to the whole name. Two of its suffix rules are left out because no name can reach them: a
** second "[^aeiou]ese", and one for a last character beyond ASCII.
*/
#include "model/model_int.h"

#include <string.h>

/* ---- Rules -------------------------------------------------------------------------------- */

/* Whole names. A plural, looked for first, stands for itself. */
static const struct irregular {
    const char *singular;
    const char *plural;
} irregulars[] = {
    {"i", "we"},
    {"me", "us"},
    {"he", "they"},
    {"she", "they"},
    {"them", "them"},
    {"myself", "ourselves"},
    {"yourself", "yourselves"},
    {"itself", "themselves"},
    {"herself", "themselves"},
    {"himself", "themselves"},
    {"themself", "themselves"},
    {"is", "are"},
    {"was", "were"},
    {"has", "have"},
    {"this", "these"},
    {"that", "those"},
    {"echo", "echoes"},
    {"dingo", "dingoes"},
    {"volcano", "volcanoes"},
    {"tornado", "tornadoes"},
    {"torpedo", "torpedoes"},
    {"genus", "genera"},
    {"viscus", "viscera"},
    {"stigma", "stigmata"},
    {"stoma", "stomata"},
    {"dogma", "dogmata"},
    {"lemma", "lemmata"},
    {"schema", "schemata"},
    {"anathema", "anathemata"},
    {"ox", "oxen"},
    {"axe", "axes"},
    {"die", "dice"},
    {"yes", "yeses"},
    {"foot", "feet"},
    {"eave", "eaves"},
    {"goose", "geese"},
    {"tooth", "teeth"},
    {"quiz", "quizzes"},
    {"human", "humans"},
    {"proof", "proofs"},
    {"carve", "carves"},
    {"valve", "valves"},
    {"looey", "looies"},
    {"thief", "thieves"},
    {"groove", "grooves"},
    {"pickaxe", "pickaxes"},
    {"passerby", "passersby"},
};

/* Whole names, each with a space after it. */
static const char uncountables[] =
    "adulthood advice agenda aid aircraft alcohol ammo analytics anime athletics "
    "audio bison blood bream buffalo butter carp cash chassis chess clothing cod "
    "commerce cooperation corps debris diabetes digestion elk energy equipment "
    "excretion expertise firmware flounder fun gallows garbage graffiti hardware "
    "headquarters health herpes highjinks homework housework information jeans "
    "justice kudos labour literature machinery mackerel mail media mews moose music "
    "mud manga news only personnel pike plankton pliers police pollution premises "
    "rain research rice salmon scissors series sewage shambles shrimp software "
    "species staff swine tennis traffic transportation trout tuna wealth welfare "
    "whiting wildebeest wildlife you ";

/* The first one wins. Alternatives are separated by |. A stem stays, an ending (a plain text,
** the longer of two first) is replaced. In stems ^ is the beginning of the name, [abc] one of
** these letters and [^abc] any other character. */
static const struct suffix {
    const char *stems;
    const char *endings;
    const char *becomes;
} suffixes[] = {
    {"sheep|pox|ois|ous|measles|fish|deer|pokemon|[^aeiou]ese", "", ""},
    {"^", "thou", "you"},
    {"m", "an|en", "en"},
    {"eaux", "", ""},
    {"child", "ren|", "ren"},
    {"pe", "rson|ople", "ople"},
    {"^m|^titm|^l", "ice|ouse", "ice"},
    {"matr|cod|mur|sil|vert|ind|append", "ix|ex", "ices"},
    {"x|ch|ss|sh|zz", "", "es"},
    {"[^ch][ieo][ln]", "ey", "ies"},
    {"[^aeiouy]|qu", "y", "ies"},
    {"kni|wi|li", "fe", "ves"},
    {"ar|l|ea|eo|oa|hoo", "f", "ves"},
    {"", "sis", "ses"},
    {"apheli|hyperbat|periheli|asyndet|noumen|phenomen|criteri|organ|prolegomen|hedr|"
     "automat",
     "a|on", "a"},
    {"agend|addend|millenni|dat|extrem|bacteri|desiderat|strat|candelabr|errat|ov|"
     "symposi|curricul|automat|quor",
     "a|um", "a"},
    {"her|at|gr", "o", "oes"},
    {"seraph|cherub", "im|", "im"},
    {"alumn|alg|vertebr", "ae|a", "ae"},
    {"alumn|syllab|vir|radi|nucle|fung|cact|stimul|termin|bacill|foc|uter|loc|strat",
     "us|i", "i"},
    {"[^l]ias|[aeiou]las|[ejzr]as|[iu]am", "", ""},
    {"e[mn]u", "s|", "s"},
    {"alias|[^aou]us|t[lm]as|gas|ris", "", "es"},
    {"ax|test", "is", "es"},
    {"", "s|", "s"},
};

/* ---- Letters ------------------------------------------------------------------------------ */

static char lower(char c) {
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static char upper(char c) {
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static bool is_mapped_by(char (*map)(char), const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (map(text[i]) != text[i]) {
            return false;
        }
    }
    return true;
}

/* Write `text` in the case of `model`: as it is, all lower, all upper, or capitalised. Digits
** and _ are of any case, so what has only them counts as lower. */
static void keep_case(const char *model, size_t length, char *text) {
    size_t n = strlen(text);
    if (n == length && memcmp(model, text, n) == 0) {
        return;
    }
    char (*map)(char) = lower;
    bool is_lower = is_mapped_by(lower, model, length);
    if (!is_lower && is_mapped_by(upper, model, length)) {
        map = upper;
    }
    for (size_t i = 0; i < n; i++) {
        text[i] = map(text[i]);
    }
    if (!is_lower && upper(model[0]) == model[0]) {
        text[0] = upper(text[0]);
    }
}

/* ---- Matching ----------------------------------------------------------------------------- */

static size_t length_of_alternative(const char *alternative) {
    return strcspn(alternative, "|");
}

/* Is `c` in the class that ends before `end`? *out_begin is where it begins. */
static bool is_in_class(char c, const char *end, const char **out_begin) {
    const char *p = end - 1;
    bool found = false;
    while (p[-1] != '[') {
        p--;
        found = found || *p == lower(c);
    }
    bool negated = *p == '^';
    *out_begin = p - 1;
    return found != negated;
}

/* Does the name up to `end` end in that stem? *out_begin is where the stem begins. */
static bool ends_in_stem(const char *name, size_t end, const char *stem, size_t length,
                         size_t *out_begin) {
    const char *p = stem + length;
    while (p > stem) {
        p--;
        if (*p == '^') {
            break;
        }
        if (end == 0) {
            return false;
        }
        char c = name[--end];
        if (*p == ']' ? !is_in_class(c, p + 1, &p) : *p != lower(c)) {
            return false;
        }
    }
    *out_begin = end;
    return length == 0 || stem[0] != '^' || end == 0;
}

static bool ends_in(const char *name, size_t length, const char *ending, size_t n) {
    if (n > length) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (lower(name[length - n + i]) != ending[i]) {
            return false;
        }
    }
    return true;
}

/* A suffix that was found: [begin, end) is the stem, [end, …) the ending. */
typedef struct match {
    size_t begin;
    size_t end;
} match;

static bool is_match(const struct suffix *rule, const char *name, size_t length,
                     match *out) {
    const char *ending = rule->endings;
    for (;;) {
        size_t n = length_of_alternative(ending);
        if (ends_in(name, length, ending, n)) {
            break;
        }
        if (ending[n] == '\0') {
            return false;
        }
        ending += n + 1;
    }
    out->end = length - length_of_alternative(ending);
    for (const char *stem = rule->stems;;) {
        size_t n = length_of_alternative(stem);
        if (ends_in_stem(name, out->end, stem, n, &out->begin)) {
            return true;
        }
        if (stem[n] == '\0') {
            return false;
        }
        stem += n + 1;
    }
}

/* ---- Whole names and suffixes --------------------------------------------------------------- */

/* The irregular plural, or NULL. */
static const char *irregular_plural(const char *name) {
    for (size_t i = 0; i < DS_COUNT(irregulars); i++) {
        if (ds_text_iequal(name, irregulars[i].plural)) {
            return irregulars[i].plural;
        }
    }
    for (size_t i = 0; i < DS_COUNT(irregulars); i++) {
        if (ds_text_iequal(name, irregulars[i].singular)) {
            return irregulars[i].plural;
        }
    }
    return NULL;
}

static bool is_uncountable(const char *name, size_t length) {
    size_t n;
    for (const char *word = uncountables; *word; word += n + 1) {
        n = strcspn(word, " ");
        if (n == length && ends_in(name, length, word, n)) {
            return true;
        }
    }
    return false;
}

/* The last rule matches every name. */
static char *add_suffix(ds_arena *arena, const char *name, size_t length) {
    const struct suffix *rule = suffixes;
    match m;
    while (!is_match(rule, name, length, &m)) {
        rule++;
    }
    char *plural = ds_arena_printf(arena, "%.*s%s", (int)m.end, name, rule->becomes);
    if (plural != NULL && m.begin < length) {
        keep_case(name + m.begin, length - m.begin, plural + m.begin);
    } else if (plural != NULL) {
        keep_case(name + length - 1, 1, plural + length);
    }
    return plural;
}

char *ds_name_plural(ds_arena *arena, const char *name) {
    size_t length = strlen(name);
    const char *irregular = irregular_plural(name);
    if (irregular != NULL) {
        char *plural = ds_arena_text(arena, irregular, strlen(irregular));
        if (plural != NULL) {
            keep_case(name, length, plural);
        }
        return plural;
    }
    return length == 0 || is_uncountable(name, length)
               ? ds_arena_text(arena, name, length)
               : add_suffix(arena, name, length);
}
