#include "gateway/price_book.h"

#include <system_error>
#include <utility>

#include "core/file.h"
#include "gateway/price_text.h"

namespace penstock::gateway {
namespace {

using database::Connection;

constexpr size_t kFileBytesMax = 16 << 20;
constexpr std::string_view kConfiguration = "configuration";

// By which a changed file is known.
struct FileStamp {
  std::filesystem::file_time_type written_at{};
  uintmax_t bytes = 0;
  bool operator==(const FileStamp&) const = default;
};

FileStamp stamp_of(const std::filesystem::path& path) {
  std::error_code ignored;
  return {.written_at = std::filesystem::last_write_time(path, ignored),
          .bytes = std::filesystem::file_size(path, ignored)};
}

Result<PriceTable::Models> read_price_file(const std::filesystem::path& path) {
  if (path.empty()) return PriceTable::Models{};
  ASSIGN_OR_RETURN(std::string text, read_file(path, kFileBytesMax));
  ASSIGN_OR_RETURN(PriceDocument document, read_price_document(text, path.string()));
  return std::move(document.models);
}

void lay_over(PriceTable::Models& below, const PriceTable::Models& above) {
  for (const auto& [name, price] : above) below[name] = price;
}

}  // namespace

struct PriceBook::Layers {
  PriceConfig config;
  FileStamp file_stamp;
  PriceTable::Models file;
  int64_t import_number = 0;
  PriceTable::Models imported;

  PriceTable::Models effective() const {
    PriceTable::Models models = imported;
    lay_over(models, file);
    lay_over(models, config.models);
    return models;
  }
};

PriceBook::PriceBook(database::Database& database, const Clock& clock)
    : database_(database),
      clock_(clock),
      layers_(std::make_unique<Layers>()),
      current_(std::make_shared<const PriceTable>()) {}
PriceBook::~PriceBook() = default;

// With mutex_ held. With `new_import`, the text of the imported layer, it is stored in the same transaction.
Result<PriceVersion> PriceBook::publish(Layers layers, std::string_view actor, std::string_view source,
                                        std::string_view new_import, const Also& also) {
  PriceTable::Models models = layers.effective();
  const Timestamp now = clock_.now();
  PriceVersion version;
  RETURN_IF_ERROR(database_.write_now([&](Connection& connection) -> Result<void> {
    if (!new_import.empty()) {
      ASSIGN_OR_RETURN(layers.import_number, add_import(connection, now, actor, source, new_import));
    }
    if (models.empty() && new_import.empty() && current()->version().empty()) return {};
    ASSIGN_OR_RETURN(version, version_of(connection, models, now, actor, source));
    return also ? also(connection, version) : Result<void>{};
  }));
  std::string name = version.number == 0 ? "" : std::to_string(version.number);
  current_.store(
      std::make_shared<const PriceTable>(std::move(models), layers.config.unknown, std::move(name)),
      std::memory_order_release);
  *layers_ = std::move(layers);
  return version;
}

Result<void> PriceBook::configure(PriceConfig config) {
  std::lock_guard lock(mutex_);
  Layers layers;
  layers.file_stamp = stamp_of(config.file);
  ASSIGN_OR_RETURN(layers.file, read_price_file(config.file));
  PriceImport last;
  RETURN_IF_ERROR(database_.read_now([&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(last, read_last_import(connection));
    return {};
  }));
  layers.import_number = last.number;
  if (last.number != 0) {
    ASSIGN_OR_RETURN(layers.imported, decode_prices(last.prices));
  }
  layers.config = std::move(config);
  RETURN_IF_ERROR(publish(std::move(layers), kConfiguration, kConfiguration));
  return {};
}

Result<void> PriceBook::refresh() {
  std::lock_guard lock(mutex_);
  Layers layers = *layers_;
  std::string source;
  FileStamp stamp = stamp_of(layers.config.file);
  if (stamp != layers.file_stamp) {
    layers_->file_stamp = layers.file_stamp = stamp;  // told once
    ASSIGN_OR_RETURN(layers.file, read_price_file(layers.config.file));
    source = layers.config.file.string();
  }
  PriceImport last;
  RETURN_IF_ERROR(database_.read_now([&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(int64_t number, read_last_import_number(connection));
    if (number == layers.import_number) return {};
    ASSIGN_OR_RETURN(last, read_last_import(connection));
    return {};
  }));
  if (last.number != 0) {
    layers.import_number = last.number;
    ASSIGN_OR_RETURN(layers.imported, decode_prices(last.prices));
    source = "import " + std::to_string(last.number);
  }
  if (source.empty()) return {};
  RETURN_IF_ERROR(publish(std::move(layers), kConfiguration, source));
  return {};
}

Result<PriceBook::Import> PriceBook::import(std::string_view document, std::string_view source,
                                            std::string_view actor, const Also& also) {
  ASSIGN_OR_RETURN(PriceDocument read, read_price_document(document, source));
  if (read.models.empty()) {
    return Failure(Error::invalid("", std::string(source) + " holds no price that could be imported"));
  }
  std::lock_guard lock(mutex_);
  Layers layers = *layers_;
  layers.imported = read.models;
  Import done{
      .version = {}, .models = static_cast<int64_t>(read.models.size()), .refused = std::move(read.refused)};
  ASSIGN_OR_RETURN(done.version, publish(std::move(layers), actor, "import of " + std::string(source),
                                         encode_prices(read.models), also));
  return done;
}

Result<std::vector<PriceVersion>> PriceBook::versions(int64_t limit) const {
  std::vector<PriceVersion> versions;
  RETURN_IF_ERROR(database_.read_now([&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(versions, read_versions(connection, limit));
    return {};
  }));
  return versions;
}

Result<PriceTable::Models> PriceBook::models_of(int64_t number) const {
  std::optional<std::string> prices;
  RETURN_IF_ERROR(database_.read_now([&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(prices, read_version_prices(connection, number));
    return {};
  }));
  if (!prices) {
    return Failure(
        Error::not_found("there is no price version " + std::to_string(number), "price_version_not_found"));
  }
  return decode_prices(*prices);
}

Result<std::vector<PriceChange>> PriceBook::diff(int64_t from, int64_t to) const {
  ASSIGN_OR_RETURN(PriceTable::Models before, models_of(from));
  ASSIGN_OR_RETURN(PriceTable::Models after, models_of(to));
  return changes_between(before, after);
}

std::vector<PriceChange> changes_between(const PriceTable::Models& before, const PriceTable::Models& after) {
  std::vector<PriceChange> changes;
  auto was = before.begin();
  auto is = after.begin();
  while (was != before.end() || is != after.end()) {
    bool only_before = is == after.end() || (was != before.end() && was->first < is->first);
    bool only_after = was == before.end() || (is != after.end() && is->first < was->first);
    if (only_before) {
      changes.push_back({was->first, was->second, std::nullopt});
    } else if (only_after) {
      changes.push_back({is->first, std::nullopt, is->second});
    } else if (was->second != is->second) {
      changes.push_back({is->first, was->second, is->second});
    }
    if (!only_after) ++was;
    if (!only_before) ++is;
  }
  return changes;
}

}  // namespace penstock::gateway
