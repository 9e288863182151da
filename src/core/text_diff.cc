#include "core/text_diff.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace penstock {
namespace {

constexpr size_t kContext = 3;

using Lines = std::vector<std::string_view>;

enum class Edit : uint8_t { kKeep, kRemove, kAdd };

// Each with its line end; the last one may lack it.
Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

// Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), on what lies between the common ends.
class Comparison {
 public:
  Comparison(const Lines& before, const Lines& after) : before_(before), after_(after) {
    size_t shorter = std::min(before.size(), after.size());
    while (head_ < shorter && before[head_] == after[head_]) ++head_;
    while (tail_ < shorter - head_ && before[before.size() - 1 - tail_] == after[after.size() - 1 - tail_])
      ++tail_;
    old_ = static_cast<int>(before.size() - head_ - tail_);
    new_ = static_cast<int>(after.size() - head_ - tail_);
  }

  std::vector<Edit> edits() {
    std::vector<Edit> middle;
    if (int count = search(); count >= 0) {
      middle = walk_back(count);
    } else {
      middle.assign(static_cast<size_t>(old_), Edit::kRemove);
      middle.insert(middle.end(), static_cast<size_t>(new_), Edit::kAdd);
    }
    std::vector<Edit> all(head_, Edit::kKeep);
    all.insert(all.end(), middle.begin(), middle.end());
    all.insert(all.end(), tail_, Edit::kKeep);
    return all;
  }

 private:
  bool equal(int x, int y) const {
    return before_[head_ + static_cast<size_t>(x)] == after_[head_ + static_cast<size_t>(y)];
  }
  static size_t at(int diagonal, int count) {
    return static_cast<size_t>(diagonal) + static_cast<size_t>(count);  // never below 0 together
  }

  // Where a path of `count` edits comes from on its way to `diagonal`: the diagonal above or below.
  static int origin(const std::vector<int>& reached, int diagonal, int count) {
    bool down = diagonal == -count || (diagonal != count && reached[at(diagonal - 1, count - 1)] <
                                                                reached[at(diagonal + 1, count - 1)]);
    return down ? diagonal + 1 : diagonal - 1;
  }

  // The least number of edits, or -1: more than kDiffEditsMax. reached_[c] holds the furthest x of each
  // diagonal -c ... c after c edits; diagonals that a path cannot come from hold -1.
  int search() {
    for (int count = 0; count <= std::min(old_ + new_, kDiffEditsMax); ++count) {
      std::vector<int> furthest(2 * static_cast<size_t>(count) + 1, -1);
      for (int diagonal = -count; diagonal <= count; diagonal += 2) {
        int x = 0;
        if (count > 0) {
          int from = origin(reached_.back(), diagonal, count);
          x = reached_.back()[at(from, count - 1)] + (from < diagonal ? 1 : 0);
        }
        while (x < old_ && x - diagonal < new_ && x - diagonal >= 0 && equal(x, x - diagonal)) ++x;
        furthest[at(diagonal, count)] = x;
        if (x >= old_ && x - diagonal >= new_) {
          end_ = diagonal;
          return count;
        }
      }
      reached_.push_back(std::move(furthest));
    }
    return -1;
  }

  std::vector<Edit> walk_back(int count) const {
    std::vector<Edit> edits;
    int x = old_;
    int diagonal = end_;
    for (; count > 0; --count) {
      const std::vector<int>& reached = reached_[static_cast<size_t>(count - 1)];
      int from = origin(reached, diagonal, count);
      int began = reached[at(from, count - 1)];
      int after_edit = began + (from < diagonal ? 1 : 0);
      edits.insert(edits.end(), static_cast<size_t>(x - after_edit), Edit::kKeep);
      edits.push_back(from < diagonal ? Edit::kRemove : Edit::kAdd);
      x = began;
      diagonal = from;
    }
    edits.insert(edits.end(), static_cast<size_t>(x), Edit::kKeep);
    std::ranges::reverse(edits);
    return edits;
  }

  const Lines& before_;
  const Lines& after_;
  size_t head_ = 0, tail_ = 0;  // equal lines at both ends
  int old_ = 0, new_ = 0;       // lines between them
  int end_ = 0;                 // the diagonal of the end
  std::vector<std::vector<int>> reached_;
};

void append_line(std::string& out, char sign, std::string_view line) {
  out += sign;
  out += line;
  if (!line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

// "12" or "12,3": where a hunk begins and how many lines it has, one being left out.
std::string range(size_t first, size_t count) {
  std::string text = std::to_string(count == 0 ? first : first + 1);
  return count == 1 ? text : text + "," + std::to_string(count);
}

// Writes the hunk of edits [begin, end), whose first lines are `old_line` and `new_line` (from 0).
void append_hunk(std::string& out, const std::vector<Edit>& edits, size_t begin, size_t end,
                 const Lines& before, const Lines& after, size_t old_line, size_t new_line) {
  auto first = edits.begin() + static_cast<std::ptrdiff_t>(begin);
  auto last = edits.begin() + static_cast<std::ptrdiff_t>(end);
  size_t added = static_cast<size_t>(std::count(first, last, Edit::kAdd));
  size_t removed = static_cast<size_t>(std::count(first, last, Edit::kRemove));
  size_t kept = end - begin - added - removed;
  out += "@@ -" + range(old_line, kept + removed) + " +" + range(new_line, kept + added) + " @@\n";
  for (auto edit = first; edit != last; ++edit) {
    if (*edit == Edit::kAdd) {
      append_line(out, '+', after[new_line++]);
    } else {
      append_line(out, *edit == Edit::kKeep ? ' ' : '-', before[old_line++]);
      if (*edit == Edit::kKeep) ++new_line;
    }
  }
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name,
                         std::string_view after_name) {
  if (before == after) return {};
  Lines old_lines = lines_of(before);
  Lines new_lines = lines_of(after);
  std::vector<Edit> edits = Comparison(old_lines, new_lines).edits();
  std::string out = "--- " + std::string(before_name) + "\n+++ " + std::string(after_name) + "\n";
  size_t old_line = 0, new_line = 0;  // of edit i
  size_t i = 0;
  auto pass = [&](size_t to) {
    for (; i < to; ++i) {
      if (edits[i] != Edit::kAdd) ++old_line;
      if (edits[i] != Edit::kRemove) ++new_line;
    }
  };
  while (true) {
    auto changed = std::find_if(edits.begin() + static_cast<std::ptrdiff_t>(i), edits.end(),
                                [](Edit edit) { return edit != Edit::kKeep; });
    if (changed == edits.end()) return out;
    size_t first = static_cast<size_t>(changed - edits.begin());
    size_t end = first;  // behind the last change that is near enough to stand in this hunk
    for (size_t j = first; j < edits.size() && j - end <= 2 * kContext; ++j) {
      if (edits[j] != Edit::kKeep) end = j + 1;
    }
    pass(first - std::min(kContext, first - i));
    size_t stop = std::min(end + kContext, edits.size());
    append_hunk(out, edits, i, stop, old_lines, new_lines, old_line, new_line);
    pass(stop);
  }
}

}  // namespace penstock
