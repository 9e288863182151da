#pragma once

#include <span>

#include "http/static_files.h"

namespace penstock::app {

// The web UI, embedded by cmake/ui.cmake; empty in builds without it. Sorted by path.
std::span<const http::StaticFile> ui_files();

}  // namespace penstock::app
