#pragma once

#include <string>
#include <vector>

#include "app/settings.h"

namespace penstock::app {

// The sections of penstock.yaml in which `now` differs from what a server was started with and which it reads
// at its start alone: "listen", "engines". All others take effect on a reload.
std::vector<std::string> needs_restart(const Settings& started_with, const Settings& now);

}  // namespace penstock::app
