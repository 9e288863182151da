#include "datasets/dvc/text_file.h"

#include <algorithm>

namespace penstock::datasets::dvc {

bool looks_like_text(std::string_view piece) {
  piece = piece.substr(0, 512);
  if (piece.contains('\0')) return false;
  auto other = std::ranges::count_if(piece, [](char c) {
    bool text = (c >= 32 && c < 127) || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\b';
    return !text;
  });
  return static_cast<size_t>(other) * 10 <= piece.size() * 3;
}

std::string without_carriage_returns(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
  }
  return out;
}

}  // namespace penstock::datasets::dvc
