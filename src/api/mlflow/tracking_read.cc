#include "api/mlflow/tracking_read.h"

namespace penstock::api::mlflow {

std::vector<std::string> read_texts(const Fields& in, std::string_view name) {
  std::vector<std::string> out;
  for (std::string_view text : in.texts(name)) out.emplace_back(text);
  return out;
}

tracking::Tag read_tag(const Fields& in) {
  return {.key = std::string(in.text("key")), .value = std::string(in.text("value"))};
}

tracking::Tags read_tags(const Fields& in, std::string_view name) {
  tracking::Tags tags;
  for (const Fields& tag : in.messages(name)) tags.push_back(read_tag(tag));
  return tags;
}

tracking::Metric read_metric(const Fields& in) {
  return {.key = std::string(in.text("key")),
          .value = in.number("value"),
          .timestamp_ms = in.integer("timestamp"),
          .step = in.integer("step"),
          .model_id = std::string(in.text("model_id")),
          .dataset_name = std::string(in.text("dataset_name")),
          .dataset_digest = std::string(in.text("dataset_digest"))};
}

tracking::Batch read_batch(const Fields& in) {
  tracking::Batch batch{.metrics = {}, .params = read_tags(in, "params"), .tags = read_tags(in, "tags")};
  for (const Fields& metric : in.messages("metrics")) batch.metrics.push_back(read_metric(metric));
  return batch;
}

std::vector<tracking::DatasetInput> read_dataset_inputs(const Fields& in, std::string_view name) {
  std::vector<tracking::DatasetInput> inputs;
  for (const Fields& input : in.messages(name)) {
    std::optional<Fields> dataset = input.message("dataset");
    if (!dataset) continue;
    inputs.push_back({.dataset = {.name = std::string(dataset->text("name")),
                                  .digest = std::string(dataset->text("digest")),
                                  .source_type = std::string(dataset->text("source_type")),
                                  .source = std::string(dataset->text("source")),
                                  .schema = std::string(dataset->text("schema")),
                                  .profile = std::string(dataset->text("profile"))},
                      .tags = read_tags(input, "tags")});
  }
  return inputs;
}

std::vector<tracking::ModelLink> read_model_links(const Fields& in, std::string_view name) {
  std::vector<tracking::ModelLink> links;
  for (const Fields& link : in.messages(name)) {
    links.push_back({.model_id = std::string(link.text("model_id")), .step = link.integer("step")});
  }
  return links;
}

tracking::View read_view(const Fields& in, std::string_view name) {
  return tracking::parse_view(in.text(name)).value_or(tracking::View::kActiveOnly);
}

}  // namespace penstock::api::mlflow
