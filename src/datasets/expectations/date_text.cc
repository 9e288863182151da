#include "datasets/expectations/date_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/text.h"

namespace penstock::datasets {
namespace {

constexpr size_t kTextBytesMax = 256;

using Words = std::vector<std::string>;

bool is_digits(const std::string& token) {
  return !token.empty() && std::ranges::all_of(token, [](unsigned char c) { return std::isdigit(c) != 0; });
}

// A whole number or one with a decimal point.
bool is_number(const std::string& token) {
  return !token.empty() && std::isdigit(static_cast<unsigned char>(token[0])) != 0 &&
         std::ranges::all_of(token, [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; }) &&
         std::ranges::count(token, '.') <= 1 && token.back() != '.';
}

// Where the number ends that `text` begins with. One point in a run of digits is a fraction's; more separate.
size_t number_end(std::string_view text) {
  size_t run = std::min(text.find_first_not_of("0123456789."), text.size());
  std::string_view digits = text.substr(0, run);
  size_t point = digits.find('.');
  bool fraction = point != std::string_view::npos && point + 1 < run &&
                  digits.find('.', point + 1) == std::string_view::npos;
  return fraction ? run : std::min(point, run);
}

// Runs of letters, numbers (with a fraction where only one point is in them), and single other characters.
Words tokenize(std::string_view text) {
  Words out;
  while (!text.empty()) {
    auto is = [&](size_t at, auto test) {
      return at < text.size() && test(static_cast<unsigned char>(text[at])) != 0;
    };
    auto digit = [](unsigned char c) { return std::isdigit(c); };
    auto alpha = [](unsigned char c) { return std::isalpha(c); };
    size_t end = 1;
    if (is(0, digit)) {
      end = number_end(text);
    } else if (is(0, alpha)) {
      while (is(end, alpha)) ++end;
    }
    // Of a run with several points, all parts are taken at once: its end alone would look like a fraction.
    while (is(0, digit) && is(end, [](unsigned char c) { return c == '.'; }) && is(end + 1, digit)) {
      out.emplace_back(text.substr(0, end));
      out.emplace_back(".");
      text.remove_prefix(end + 1);
      end = std::min(text.find_first_not_of("0123456789"), text.size());
    }
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

template <size_t N>
std::optional<int> index_of(const std::array<std::string_view, N>& names, const std::string& word) {
  std::string lower = to_lower(word);
  for (size_t i = 0; i < N; ++i) {
    std::string_view name = names[i];
    if (lower == name || lower == name.substr(0, 3) || (lower == "sept" && i == 8))
      return static_cast<int>(i);
  }
  return std::nullopt;
}

std::optional<int> month_of(const std::string& word) {
  constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                        "may",       "june",     "july",     "august",
                                                        "september", "october",  "november", "december"};
  return index_of(kMonths, word);
}

bool is_weekday(const std::string& word) {
  constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                     "friday", "saturday", "sunday"};
  return index_of(kDays, word).has_value();
}

bool is_half_day(const std::string& word) {
  std::string lower = to_lower(word);
  return lower == "am" || lower == "pm" || lower == "a" || lower == "p";
}

// Words and signs that mean nothing between the parts.
bool is_jump(const std::string& token) {
  constexpr std::array<std::string_view, 18> kJumps = {" ",   ".",  ",", ";", "-",  "/",  "'",  "at", "on",
                                                       "and", "ad", "m", "t", "of", "st", "nd", "rd", "th"};
  return std::ranges::find(kJumps, to_lower(token)) != kJumps.end();
}

// Year, month and day in the order in which they came.
struct DateParts {
  std::vector<int> values{};
  int month_at = -1;  // which of them was a month's name
  int year_at = -1;   // which of them can only be a year

  bool add(const std::string& token) {
    if (!is_digits(token) || token.size() > 4) return false;
    if (token.size() > 2) {
      if (year_at >= 0) return false;
      year_at = static_cast<int>(values.size());
    }
    values.push_back(std::stoi(token));
    return values.size() <= 3;
  }
  bool add_month(int month) {
    if (month_at >= 0) return false;
    month_at = static_cast<int>(values.size());
    values.push_back(month + 1);
    return values.size() <= 3;
  }
};

struct Date {
  std::optional<int> year{};
  std::optional<int> month{};
  std::optional<int> day{};
};

Date resolve_two(const DateParts& parts) {
  int a = parts.values[0];
  int b = parts.values[1];
  if (parts.month_at >= 0) {
    int month = parts.month_at == 0 ? a : b;
    int other = parts.month_at == 0 ? b : a;
    return other > 31 ? Date{other, month, {}} : Date{{}, month, other};
  }
  if (a > 31 || parts.year_at == 0) return {a, b, {}};
  if (b > 31 || parts.year_at == 1) return {b, a, {}};
  return a > 12 ? Date{{}, b, a} : Date{{}, a, b};
}

Date resolve_three(const DateParts& parts) {
  int a = parts.values[0];
  int b = parts.values[1];
  int c = parts.values[2];
  switch (parts.month_at) {
    case 0:
      return b > 31 ? Date{b, a, c} : Date{c, a, b};
    case 1:
      return a > 31 || (parts.year_at == 0 && c <= 31) ? Date{a, b, c} : Date{c, b, a};
    case 2:
      return b > 31 ? Date{b, c, a} : Date{a, c, b};
    default:
      break;
  }
  if (a > 31 || parts.year_at == 0) return c > 12 || b <= 12 ? Date{a, b, c} : Date{a, c, b};
  return a > 12 ? Date{c, b, a} : Date{c, a, b};
}

bool exists(const DateParts& parts) {
  Date date;
  if (parts.values.size() == 1) {
    int only = parts.values[0];
    if (parts.month_at == 0) date.month = only;
    if (parts.month_at < 0) (only > 31 || parts.year_at == 0 ? date.year : date.day) = only;
  }
  if (parts.values.size() == 2) date = resolve_two(parts);
  if (parts.values.size() == 3) date = resolve_three(parts);
  int year = date.year.value_or(2024);
  if (parts.year_at < 0 && date.year && year < 100) year += 2000;
  int month = date.month.value_or(1);
  if (year < 1 || month < 1 || month > 12) return false;
  if (!date.day) return true;
  auto last = std::chrono::year_month_day_last(
      std::chrono::year(year), std::chrono::month_day_last(std::chrono::month(static_cast<unsigned>(month))));
  return *date.day >= 1 && static_cast<unsigned>(*date.day) <= static_cast<unsigned>(last.day());
}

class Parser {
 public:
  explicit Parser(Words tokens) : tokens_(std::move(tokens)) {}

  bool parse() {
    while (at_ < tokens_.size()) {
      if (!(is_number(tokens_[at_]) ? number() : word())) return false;
    }
    return something_ && exists(date_);
  }

 private:
  const std::string& token(size_t ahead = 0) const {
    static const std::string kNone;
    return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : kNone;
  }
  bool skip(size_t count) {
    at_ += count;
    something_ = true;
    return true;
  }

  bool number() {
    const std::string& text = token();
    if (token(1) == ":") return clock();
    if (is_digits(text) && text.size() >= 6) return compact(text);
    if ((token(1) == "-" || token(1) == "/" || token(1) == ".") && is_digits(text)) return separated();
    size_t next = token(1) == " " ? 2 : 1;
    if (is_half_day(token(next)) && is_digits(text) && std::stoi(text.substr(0, 3)) <= 12) {
      hour_ = true;
      return skip(next + 1);
    }
    if (to_lower(token(1)) == "h" && is_digits(text)) {
      hour_ = true;
      return skip(2);
    }
    bool alone = at_ + 1 >= tokens_.size() || is_jump(token(1));
    if (date_.values.size() == 3 && !hour_ && is_digits(text) && (text.size() == 2 || text.size() == 4)) {
      hour_ = true;
      return std::stoi(text.substr(0, 2)) < 24 && skip(1);
    }
    if (!alone && !month_of(token(1))) return false;
    return date_.add(text) && skip(1);
  }

  // YYYYMMDD, YYMMDD, with hhmm or hhmmss, or a time of day after a date.
  bool compact(const std::string& text) {
    if (text.size() == 6 && !date_.values.empty()) {
      hour_ = true;
      return std::stoi(text.substr(0, 2)) < 24 && std::stoi(text.substr(2, 2)) < 60 &&
             std::stoi(text.substr(4)) < 60 && skip(1);
    }
    size_t year = text.size() == 6 ? 2 : 4;
    if (text.size() != 6 && text.size() != 8 && text.size() != 12 && text.size() != 14) return false;
    bool parts = date_.add(text.substr(0, year)) && date_.add(text.substr(year, 2)) &&
                 date_.add(text.substr(year + 2, 2));
    if (!parts) return false;
    if (text.size() > 8) hour_ = std::stoi(text.substr(8, 2)) < 24 && std::stoi(text.substr(10, 2)) < 60;
    return (text.size() <= 8 || hour_) && skip(1);
  }

  bool date_part(const std::string& text) {
    if (auto month = month_of(text)) return date_.add_month(*month);
    return date_.add(text);
  }

  bool separated() {
    std::string separator = token(1);
    if (!date_.add(token())) return false;
    skip(1);
    for (int more = 0; more < 2 && token() == separator; ++more) {
      if (token(1).empty() || is_jump(token(1))) break;
      if (separator == "." && is_number(token(1)) && !is_digits(token(1))) return false;
      if (!date_part(token(1))) return false;
      skip(2);
    }
    return true;
  }

  bool clock() {
    if (hour_ || !is_digits(token()) || !is_digits(token(2)) || std::stoi(token().substr(0, 3)) > 23)
      return false;
    if (std::stoi(token(2).substr(0, 3)) > 59) return false;
    hour_ = true;
    skip(3);
    if (token() == ":" && is_number(token(1))) {
      if (std::stoi(token(1).substr(0, 3)) > 59) return false;
      skip(2);
    }
    return true;
  }

  bool zone_offset() {
    const std::string& digits = token(1);
    if (!is_digits(digits) || (digits.size() != 2 && digits.size() != 4)) return false;
    bool minutes = digits.size() == 2 && token(2) == ":" && is_digits(token(3));
    return skip(minutes ? 4 : 2);
  }

  bool word() {
    const std::string& text = token();
    if (is_weekday(text)) return skip(1);
    if (auto month = month_of(text)) return date_.add_month(*month) && skip(1);
    if (is_half_day(text) && hour_) return skip(1);
    if (hour_ && (text == "+" || text == "-") && is_number(token(1))) return zone_offset();
    bool capitals =
        text.size() <= 5 && std::ranges::all_of(text, [](unsigned char c) { return std::isupper(c) != 0; });
    if (hour_ && (text == "Z" || text == "z" || (capitals && text.size() >= 3) || text == "UTC"))
      return skip(1);
    if (!is_jump(text)) return false;
    ++at_;
    return true;
  }

  Words tokens_;
  size_t at_ = 0;
  DateParts date_;
  bool hour_ = false;
  bool something_ = false;
};

}  // namespace

bool is_date_text(std::string_view text) {
  if (text.size() > kTextBytesMax) return false;
  return Parser(tokenize(text)).parse();
}

}  // namespace penstock::datasets
