/*
** Plurals of type names: every rule, in the order of the rules, and the case of letters. The
** expected names are what npm's pluralize 8.0.0 answers.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/model.h"

typedef struct pair {
    const char *name;
    const char *plural;
} pair;

static void check(const pair *pairs, size_t count) {
    ds_arena *arena = ds_arena_new();
    assert_non_null(arena);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(ds_name_plural(arena, pairs[i].name), pairs[i].plural);
    }
    ds_arena_free(arena);
}

static void test_whole_names(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"I", "WE"},
        {"Me", "Us"},
        {"She", "They"},
        {"They", "They"},
        {"Them", "Them"},
        {"Themself", "Themselves"},
        {"Is", "Are"},
        {"This", "These"},
        {"Echo", "Echoes"},
        {"Genus", "Genera"},
        {"Viscus", "Viscera"},
        {"Schema", "Schemata"},
        {"Ox", "Oxen"},
        {"Axe", "Axes"},
        {"Die", "Dice"},
        {"Foot", "Feet"},
        {"Goose", "Geese"},
        {"Quiz", "Quizzes"},
        {"Human", "Humans"},
        {"Proof", "Proofs"},
        {"Valve", "Valves"},
        {"Thief", "Thieves"},
        {"Passerby", "Passersby"},
        {"Advice", "Advice"},
        {"Equipment", "Equipment"},
        {"Media", "Media"},
        {"News", "News"},
        {"Series", "Series"},
        {"Adulthood", "Adulthood"},
        {"You", "You"},
        {"", ""},
    };
    check(pairs, DS_COUNT(pairs));
}

/* A plural of the irregular ones is its own plural. */
static void test_plurals_stay(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"Humans", "Humans"},       {"Feet", "Feet"},
        {"Genera", "Genera"},       {"Schemata", "Schemata"},
        {"Passersby", "Passersby"}, {"Themselves", "Themselves"},
    };
    check(pairs, DS_COUNT(pairs));
}

/* They hold for the whole name only. */
static void test_parts_are_no_names(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"BlogSchema", "BlogSchemas"},
        {"BlogGoose", "BlogGooses"},
        {"MyNews", "MyNews"},
        {"BlogSeries", "BlogSeries"},
        {"MyMedia", "MyMedias"},
        {"SubAxe", "SubAxes"},
        {"NotEquipment", "NotEquipments"},
        {"BlogFoot", "BlogFoots"},
    };
    check(pairs, DS_COUNT(pairs));
}

/* The numbers are those of the rules, first to last. */
static const pair suffixes[] = {
    /* 1 */ {"BlackSheep", "BlackSheep"},
    {"Smallpox", "Smallpox"},
    {"Bourgeois", "Bourgeois"},
    {"Carnivorous", "Carnivorous"},
    {"Measles", "Measles"},
    {"Angelfish", "Angelfish"},
    {"Reindeer", "Reindeer"},
    {"Pokemon", "Pokemon"},
    {"Chinese", "Chinese"},
    {"Obese", "Obese"},
    {"Geese", "Geese"},
    {"Blogeese", "Blogeeses"},
    /* 2 */ {"Thou", "You"},
    {"Althou", "Althous"},
    /* 3 */ {"Woman", "Women"},
    {"German", "Germen"},
    {"Women", "Women"},
    /* 4 */ {"Bureaux", "Bureaux"},
    /* 5 */ {"Child", "Children"},
    {"Grandchildren", "Grandchildren"},
    /* 6 */ {"Person", "People"},
    {"BlogPerson", "BlogPeople"},
    {"Salespeople", "Salespeople"},
    /* 7 */ {"Mouse", "Mice"},
    {"Titmouse", "Titmice"},
    {"Louse", "Lice"},
    {"Mice", "Mice"},
    {"BlogMouse", "BlogMouses"},
    {"Blouse", "Blouses"},
    /* 8 */ {"Matrix", "Matrices"},
    {"Codex", "Codices"},
    {"Vertex", "Vertices"},
    {"Index", "Indices"},
    {"Appendix", "Appendices"},
    {"SearchIndex", "SearchIndices"},
    /* 9 */ {"Box", "Boxes"},
    {"Stomach", "Stomaches"},
    {"Address", "Addresses"},
    {"Dish", "Dishes"},
    {"Buzz", "Buzzes"},
    /* 10 */ {"Money", "Monies"},
    {"Chimney", "Chimneys"},
    {"Alley", "Alleys"},
    {"Honey", "Honeys"},
    {"Valley", "Valleys"},
    {"Key", "Keys"},
    /* 11 */ {"Category", "Categories"},
    {"Colloquy", "Colloquies"},
    {"Guy", "Guys"},
    {"Day", "Days"},
    {"Y", "YS"},
    /* 12 */ {"Knife", "Knives"},
    {"Housewife", "Housewives"},
    {"Life", "Lives"},
    {"Giraffe", "Giraffes"},
    /* 13 */ {"Scarf", "Scarves"},
    {"Shelf", "Shelves"},
    {"Leaf", "Leaves"},
    {"Loaf", "Loaves"},
    {"Hoof", "Hooves"},
    {"Roof", "Roofs"},
    /* 14 */ {"Analysis", "Analyses"},
    {"Basis", "Bases"},
    /* 15 */ {"Criterion", "Criteria"},
    {"Phenomena", "Phenomena"},
    {"Organ", "Organs"},
    {"Automaton", "Automata"},
    /* 16 */ {"Datum", "Data"},
    {"Data", "Data"},
    {"Metadata", "Metadata"},
    {"Curriculum", "Curricula"},
    {"Bacterium", "Bacteria"},
    {"Album", "Albums"},
    /* 17 */ {"Hero", "Heroes"},
    {"Tomato", "Tomatoes"},
    {"Photo", "Photos"},
    /* 18 */ {"Seraph", "Seraphim"},
    {"Cherubim", "Cherubim"},
    /* 19 */ {"Alumna", "Alumnae"},
    {"Algae", "Algae"},
    /* 20 */ {"Virus", "Viri"},
    {"Focus", "Foci"},
    {"Alumni", "Alumni"},
    {"Nucleus", "Nuclei"},
    /* 21 */ {"Bias", "Bias"},
    {"Atlas", "Atlases"},
    {"Pyjamas", "Pyjamas"},
    {"Dallas", "Dallas"},
    {"Ideas", "Ideas"},
    {"Exam", "Exams"},
    {"Diam", "Diam"},
    /* 22 */ {"Menu", "Menus"},
    {"Emu", "Emus"},
    {"Menus", "Menus"},
    /* 23 */ {"Alias", "Aliases"},
    {"Status", "Statuses"},
    {"Octopus", "Octopuses"},
    {"Campus", "Campuses"},
    {"Christmas", "Christmases"},
    {"Gas", "Gases"},
    {"Iris", "Irises"},
    {"Canvas", "Canvas"},
    /* 24 */ {"Axis", "Axes"},
    {"Testis", "Testes"},
    /* 26 */ {"Post", "Posts"},
    {"Posts", "Posts"},
    {"Lens", "Lens"},
    {"House", "Houses"},
    {"Todo", "Todos"},
};

static void test_suffixes(void **state) {
    (void)state;
    check(suffixes, DS_COUNT(suffixes));
}

/* What is added has the case of what it replaces, or of the character before it. */
static void test_case(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"UserID", "UserIDS"},
        {"UserId", "UserIds"},
        {"URL", "URLS"},
        {"OS", "OS"},
        {"A", "AS"},
        {"T", "TS"},
        {"a", "as"},
        {"CATEGORY", "CATEGORIES"},
        {"category", "categories"},
        {"PERSON", "PEOPLE"},
        {"person", "people"},
        {"gOOSE", "geese"},
        {"GoOSE", "Geese"},
        {"GOOSE", "GEESE"},
        {"GEESE", "GEESE"},
        {"GeesE", "Geese"},
        {"BlogPERSON", "BlogPEOPLE"},
        {"BlogPErson", "BlogPeople"},
        {"BlogpErson", "Blogpeople"},
        {"AXIS", "AXES"},
        {"NEWS", "NEWS"},
        {"nEwS", "nEwS"},
        {"fISh", "fISh"},
    };
    check(pairs, DS_COUNT(pairs));
}

/* Digits and _ are letters of either case. */
static void test_other_characters(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"Data2", "Data2s"},           {"Trailing_", "Trailing_s"}, {"_", "_s"},
        {"Item1y", "Item1ies"},        {"ITEM_Y", "ITEM_IES"},      {"_oney", "_onies"},
        {"Blog_Mouse", "Blog_Mouses"}, {"blog_post", "blog_posts"},
    };
    check(pairs, DS_COUNT(pairs));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_names),
        cmocka_unit_test(test_plurals_stay),
        cmocka_unit_test(test_parts_are_no_names),
        cmocka_unit_test(test_suffixes),
        cmocka_unit_test(test_case),
        cmocka_unit_test(test_other_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
