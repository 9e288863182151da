#include "app/build_info.h"

namespace penstock::app {

std::string_view version() { return PENSTOCK_VERSION; }
std::string_view commit() { return PENSTOCK_COMMIT; }
std::string_view compiler() { return "clang " __clang_version__; }

}  // namespace penstock::app
