#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "datasets/dvc/blocking_http.h"

namespace penstock::datasets::dvc {

// What a command sees of the world outside of its repository. app/ fills it; tests set their own.
struct Environment {
  std::filesystem::path current_folder;  // absolute
  std::function<std::string(std::string_view)> variable = [](std::string_view) { return std::string(); };
  std::string command_line{};  // for lock files, that others see who holds one
  Clock* clock = &system_clock();
  BlockingHttp* http = nullptr;  // for S3 and HTTP remotes; nullptr: there are none
  std::function<void(std::string_view)> say = [](std::string_view) {
  };  // a line for a person, on standard output
  std::function<void(std::string_view)> warn = [](std::string_view) {};  // on standard error
  // Work done of all, for a person who waits: a terminal's progress line.
  std::function<void(std::string_view what, size_t done, size_t all)> progress = [](std::string_view, size_t,
                                                                                    size_t) {};
  // A question whose answer decides whether data is overwritten; without anybody to ask it is "no".
  std::function<bool(std::string_view question)> confirm = [](std::string_view) { return false; };
  size_t threads = 4;

  std::filesystem::path home() const { return variable("HOME"); }
  // Where this user's caches belong (XDG base directories).
  std::filesystem::path user_cache() const {
    std::string given = variable("XDG_CACHE_HOME");
    return given.empty() ? home() / ".cache" : std::filesystem::path(given);
  }
  std::filesystem::path user_config() const {
    std::string given = variable("XDG_CONFIG_HOME");
    return given.empty() ? home() / ".config" : std::filesystem::path(given);
  }
  std::filesystem::path absolute(const std::filesystem::path& path) const {
    return (current_folder / path).lexically_normal();
  }
};

}  // namespace penstock::datasets::dvc
