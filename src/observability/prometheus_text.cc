#include "observability/prometheus_text.h"

#include <array>
#include <cmath>

#include "core/json_writer.h"

namespace penstock::observability {
namespace {

constexpr std::array<std::string_view, 3> kTypeNames = {"counter", "gauge", "histogram"};

void append_label_value(std::string& out, std::string_view text) {
  for (char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '"':
        out += "\\\"";
        break;
      case '\n':
        out += "\\n";
        break;
      default:
        out += c;
    }
  }
}

std::string number(double value) {
  std::string out;
  append_json_number(out, value);
  return out;
}

}  // namespace

void PrometheusText::family(std::string_view name, Type type, std::string_view help) {
  out_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ");
  out_.append(kTypeNames[static_cast<size_t>(type)]).append("\n");
}

void PrometheusText::begin_sample(std::string_view name, Labels labels) {
  out_ += name;
  if (labels.size() > 0) {
    char separator = '{';
    for (const auto& [label, value] : labels) {
      out_ += std::exchange(separator, ',');
      out_.append(label).append("=\"");
      append_label_value(out_, value);
      out_ += '"';
    }
    out_ += '}';
  }
  out_ += ' ';
}

void PrometheusText::sample(std::string_view name, Labels labels, int64_t value) {
  begin_sample(name, labels);
  out_.append(std::to_string(value)).append("\n");
}

void PrometheusText::sample(std::string_view name, Labels labels, double value) {
  begin_sample(name, labels);
  out_.append(number(value)).append("\n");
}

void PrometheusText::histogram(std::string_view name, std::pair<std::string_view, std::string_view> label,
                               std::span<const double> bounds_s, std::span<const int64_t> counts,
                               int64_t sum_us) {
  const std::string base(name);
  int64_t below = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    below += counts[i];
    std::string bound = i < bounds_s.size() ? number(bounds_s[i]) : "+Inf";
    sample(base + "_bucket", {label, {"le", bound}}, below);
  }
  sample(base + "_sum", {label}, static_cast<double>(sum_us) / 1e6);
  sample(base + "_count", {label}, below);
}

}  // namespace penstock::observability
