#include "core/log.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>

#include "core/json_writer.h"

namespace penstock {
namespace {

std::atomic<LogFormat> g_format{LogFormat::kConsole};

spdlog::logger& logger() {
  static spdlog::logger instance = [] {
    auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
    spdlog::logger made("penstock", sink);
    made.set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %^%-5l%$ %v", spdlog::pattern_time_type::utc);
    made.flush_on(spdlog::level::info);
    return made;
  }();
  return instance;
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string json_line(std::string_view message, std::initializer_list<LogField> fields) {
  std::string line = "\"message\":";
  append_json_string(line, message);
  for (const LogField& field : fields) {
    line += ',';
    append_json_string(line, field.key);
    line += ':';
    if (field.quoted) {
      append_json_string(line, field.value);
    } else {
      line += field.value;
    }
  }
  return line + "}";
}

std::string console_line(std::string_view message, std::initializer_list<LogField> fields) {
  std::string line(message);
  for (const LogField& field : fields) {
    line += "  ";
    line += field.key;
    line += '=';
    if (field.quoted && field.value.find_first_of(" \t\r\n\"=") != std::string::npos) {
      append_json_string(line, field.value);
    } else {
      line += field.value;
    }
  }
  return line;
}

}  // namespace

void configure_log(LogLevel minimum, LogFormat format) {
  g_format = format;
  set_log_level(minimum);
  if (format == LogFormat::kJson) {
    logger().set_pattern("{\"time\":\"%Y-%m-%dT%H:%M:%S.%fZ\",\"level\":\"%l\",%v",
                         spdlog::pattern_time_type::utc);
  }
}

void set_log_level(LogLevel minimum) { logger().set_level(spdlog_level(minimum)); }

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  spdlog::level::level_enum at = spdlog_level(level);
  if (!logger().should_log(at)) return;
  logger().log(at, g_format == LogFormat::kJson ? json_line(message, fields) : console_line(message, fields));
}

}  // namespace penstock
