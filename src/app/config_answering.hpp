#pragma once

#include "toml_reader.hpp"

#include <sportello/engine/settings.hpp>

namespace sportello::app {

/// Reads [answering]: who may write, which replies a colleague reads first, how long drafts are kept.
[[nodiscard]] engine::AnsweringSettings read_answering(TableReader& root);

} // namespace sportello::app
