// cmark-gfm, GitHub's Markdown parser: the tree only. The rendering is ours, because only our renderer knows in which
// place (text, attribute, URL) a template value lands.
#ifndef DRIPD_CCMARK_SHIM_H
#define DRIPD_CCMARK_SHIM_H

#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>

#endif
