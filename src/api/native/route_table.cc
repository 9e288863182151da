#include "api/native/route_table.h"

#include <array>
#include <utility>
#include <vector>

namespace penstock::api::native {
namespace {

constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};

std::vector<Route> gathered() {
  std::vector<Route> all;
  for (auto part : {system_routes(), request_routes(), gateway_routes(), cost_routes(), access_routes(),
                    account_routes(), registry_routes()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

std::string_view method_name(Method method) { return kMethods[std::to_underlying(method)]; }

std::span<const Route> routes() {
  static const std::vector<Route> kAll = gathered();
  return kAll;
}

}  // namespace penstock::api::native
