/*
** Names and lists of names.
*/
#include "model/check_int.h"
#include "model/model_int.h"

#include <string.h>

const char **ds_words_new(ds_arena *arena, int n) {
    return ds_arena_alloc(arena, sizeof(const char *) * (size_t)(n > 0 ? n : 1));
}

ds_words ds_words_one(ds_arena *arena, const char *word) {
    const char **items = ds_words_new(arena, 1);
    if (items == NULL) {
        return (ds_words){NULL, 0};
    }
    items[0] = word;
    return (ds_words){items, 1};
}

ds_words ds_words_first(ds_words words, int n) {
    return (ds_words){words.items, n < words.n ? n : words.n};
}

const char *ds_words_text(ds_arena *arena, ds_words words) {
    const char *text = "";
    for (int i = 0; i < words.n && text != NULL; i++) {
        text = ds_arena_printf(arena, "%s%s%s", text, i ? ", " : "", words.items[i]);
    }
    return text ? text : "";
}

bool ds_words_have(ds_words words, const char *word) {
    for (int i = 0; i < words.n; i++) {
        if (strcmp(words.items[i], word) == 0) {
            return true;
        }
    }
    return false;
}

bool ds_words_equal(ds_words a, ds_words b) {
    bool same = a.n == b.n;
    for (int i = 0; same && i < a.n; i++) {
        same = strcmp(a.items[i], b.items[i]) == 0;
    }
    return same;
}

bool ds_word_is_name(const char *text) {
    bool is_name = *text != '\0' && !ds_char_is_digit(*text);
    for (const char *p = text; is_name && *p; p++) {
        is_name = *p == '_' || ds_char_is_digit(*p) || ds_char_is_letter(*p);
    }
    return is_name;
}
