#pragma once

#include <memory>
#include <string>

#include "datasets/dvc/remote.h"
#include "datasets/dvc/s3_client.h"

namespace penstock::datasets::dvc {

// Objects below `prefix` (no slash at either end; may be empty) of a bucket.
std::unique_ptr<Remote> make_s3_remote(std::string name, S3Client client, std::string prefix, size_t jobs);

}  // namespace penstock::datasets::dvc
