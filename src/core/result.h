#pragma once

#include <expected>
#include <utility>

#include "core/error.h"

namespace penstock {

// A value or the reason why there is none. Everything below api/ that can fail returns one.
template <class T>
using Result = std::expected<T, Error>;

using Failure = std::unexpected<Error>;

}  // namespace penstock

// Statement macros. The CO_ forms are for coroutines (`co_return`); `expr` may contain `co_await`.
//   ASSIGN_OR_RETURN(auto config, load(path));
//   RETURN_IF_ERROR(file.write(bytes));
#define PENSTOCK_CONCAT_(a, b) a##b
#define PENSTOCK_CONCAT(a, b) PENSTOCK_CONCAT_(a, b)

#define PENSTOCK_RETURN_IF_ERROR_(result, expr, ret)             \
  do {                                                           \
    auto result = (expr);                                        \
    if (!result) ret std::unexpected(std::move(result).error()); \
  } while (false)
#define PENSTOCK_ASSIGN_OR_(result, lhs, expr, ret)            \
  auto result = (expr);                                        \
  if (!result) ret std::unexpected(std::move(result).error()); \
  lhs = std::move(result).value()

#define RETURN_IF_ERROR(expr) PENSTOCK_RETURN_IF_ERROR_(PENSTOCK_CONCAT(result_, __LINE__), expr, return)
#define CO_RETURN_IF_ERROR(expr) \
  PENSTOCK_RETURN_IF_ERROR_(PENSTOCK_CONCAT(result_, __LINE__), expr, co_return)
#define ASSIGN_OR_RETURN(lhs, expr) PENSTOCK_ASSIGN_OR_(PENSTOCK_CONCAT(result_, __LINE__), lhs, expr, return)
#define ASSIGN_OR_CO_RETURN(lhs, expr) \
  PENSTOCK_ASSIGN_OR_(PENSTOCK_CONCAT(result_, __LINE__), lhs, expr, co_return)
