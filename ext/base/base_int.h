/*
** What the files of base share among themselves.
*/
#ifndef DS_BASE_INT_H
#define DS_BASE_INT_H

#include "base/base.h"

/* Bytes (1 to 4) of the well-formed UTF-8 sequence at `p`, of which `left` (at least 1)
** may be read; 0 when there is none. */
size_t ds_text_sequence(const unsigned char *p, size_t left);

#endif
