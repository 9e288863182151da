#pragma once

#include <functional>
#include <memory>

#include "registry/model_registry.h"

namespace penstock::registry {

// A write that says whether somebody is to be told of it, who is once it has been committed.
template <class T>
Task<Result<T>> ModelRegistry::change(std::function<Result<T>(database::Connection&, bool&)> work) {
  auto told = std::make_shared<bool>(false);
  auto keep_told = [work = std::move(work), told](database::Connection& connection) {
    *told = false;
    return work(connection, *told);
  };
  Result<T> done = co_await database_.write<T>(std::move(keep_told));
  if (done && *told && announced_) announced_();
  co_return done;
}

}  // namespace penstock::registry
