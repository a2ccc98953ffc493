/*
** Makes a failing script short: first whole steps, then words of the statement that differs.
*/
#include "diff.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Nobody waits longer for a shorter script. */
#define PATIENCE 20 /* seconds */
static time_t give_up_at;

static bool still_differs(const script *s, const config *c, const outcome *found) {
    outcome out;
    if (time(NULL) > give_up_at) {
        return false;
    }
    script_run(s, c, &out);
    text_done(&out.why);
    return out.at == found->at && out.kind == found->kind;
}

/* Switch off n steps; false when all of them were. */
static bool switch_off(script *s, int from, int n, bool *saved) {
    bool any = false;
    for (int i = 0; i < n; i++) {
        saved[i] = s->steps[from + i].is_off;
        s->steps[from + i].is_off = true;
        any = any || !saved[i];
    }
    return any;
}

static void restore(script *s, int from, int n, const bool *saved) {
    for (int i = 0; i < n; i++) {
        s->steps[from + i].is_off = saved[i];
    }
}

/* Queries change nothing. */
static void drop_queries(script *s, const config *c, const outcome *found) {
    for (int off = 1; off >= 0; off--) {
        for (int i = 0; i < found->at; i++) {
            s->steps[i].is_off = off && s->steps[i].kind == STEP_QUERY;
        }
        if (off && still_differs(s, c, found)) {
            return;
        }
    }
}

/* Leave out runs of steps, long ones first. */
static void shrink_steps(script *s, const config *c, const outcome *found) {
    int at = found->at;
    drop_queries(s, c, found);
    bool *saved = must(malloc((size_t)at + 1));
    for (int size = at / 2; size > 0; size /= 2) {
        for (int from = at - size; from >= 0; from -= size) {
            if (switch_off(s, from, size, saved) && !still_differs(s, c, found)) {
                restore(s, from, size, saved);
            }
        }
    }
    free(saved);
}

/* ---- words ------------------------------------------------------------------------------------- */

typedef struct words {
    char **word;
    int n;
    bool *is_off;
} words;

static size_t word_length(const char *sql) {
    size_t n = 1;
    if (*sql == '\'') {
        while (sql[n] != '\0' && (sql[n] != '\'' || sql[n + 1] == '\'')) {
            n += sql[n] == '\'' ? 2 : 1;
        }
        return n + 1;
    }
    if (isalnum((unsigned char)*sql) || *sql == '?') {
        while (isalnum((unsigned char)sql[n]) || sql[n] == '.' || sql[n] == '_') {
            n++;
        }
    } else if (strchr("<>=!|", *sql) != NULL && strchr("=>|", sql[1]) != NULL &&
               sql[1] != '\0') {
        n = 2;
    }
    return n;
}

static words split(const char *sql) {
    words w = {NULL, 0, NULL};
    while (*sql != '\0') {
        size_t n = word_length(sql);
        if (*sql != ' ') {
            text word = {0};
            text_add_bytes(&word, sql, n);
            w.word = must(realloc(w.word, (size_t)(w.n + 1) * sizeof *w.word));
            w.word[w.n++] = word.chars;
        }
        sql += n;
    }
    w.is_off = must(calloc((size_t)w.n + 1, sizeof *w.is_off));
    return w;
}

static void words_done(words *w) {
    for (int i = 0; i < w->n; i++) {
        free(w->word[i]);
    }
    free(w->word);
    free(w->is_off);
}

static char *join(const words *w, const bool *is_off) {
    text sql = {0};
    for (int i = 0; i < w->n; i++) {
        if (!is_off[i]) {
            text_add(&sql, "%s%s", sql.length ? " " : "", w->word[i]);
        }
    }
    return sql.chars ? sql.chars : copy_of("");
}

/* Without its ORDER BY a LIMIT takes what it likes: both stay or both go. */
static bool is_fair(const words *w) {
    bool any_limit = false, all_order = true;
    for (int i = 0; i < w->n; i++) {
        any_limit = any_limit || (strcmp(w->word[i], "LIMIT") == 0 && !w->is_off[i]);
    }
    bool inside = false;
    for (int i = 0; i < w->n; i++) {
        inside = strcmp(w->word[i], "ORDER") == 0 ||
                 (inside && strcmp(w->word[i], "LIMIT") != 0);
        all_order = all_order && !(inside && w->is_off[i]);
    }
    return !any_limit || all_order;
}

/* Try without the words that are off; if the difference is gone, switch them on again. */
static bool try_words(script *s, const config *c, const outcome *found, words *model,
                      words *native) {
    step *p = &s->steps[found->at];
    char *sql = p->sql, *mirror = p->native;
    if (!is_fair(model)) {
        return false;
    }
    p->sql = join(model, model->is_off);
    p->native = mirror ? join(native, model->is_off) : NULL;
    bool differs = still_differs(s, c, found);
    free(differs ? sql : p->sql);
    free(differs ? mirror : p->native);
    if (!differs) {
        p->sql = sql;
        p->native = mirror;
    }
    return differs;
}

static void shrink_words(script *s, const config *c, const outcome *found) {
    const step *p = &s->steps[found->at];
    words model = split(p->sql);
    words native = split(p->native ? p->native : p->sql);
    bool *saved = must(malloc((size_t)model.n + 1));
    for (int size = model.n / 2; size > 0 && model.n == native.n;
         size = size > 24 ? size * 3 / 4 : size - 1) {
        for (int from = 1; from + size <= model.n; from += size > 48 ? 4 : 1) {
            if (model.is_off[from] || model.is_off[from + size - 1]) {
                continue;
            }
            memcpy(saved, model.is_off, (size_t)model.n);
            memset(model.is_off + from, true, (size_t)size);
            if (!try_words(s, c, found, &model, &native)) {
                memcpy(model.is_off, saved, (size_t)model.n);
            }
        }
    }
    free(saved);
    words_done(&model);
    words_done(&native);
}

void script_shrink(script *s, const config *c, const outcome *found) {
    give_up_at = time(NULL) + PATIENCE;
    shrink_steps(s, c, found);
    if (found->at < s->n && s->steps[found->at].sql != NULL) {
        shrink_words(s, c, found);
    }
}
