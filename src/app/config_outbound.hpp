#pragma once

#include "toml_reader.hpp"

namespace sportello::app {

/// [attachments] and [retention]. Files are kept in a folder beside the database unless another is named.
void read_files(TableReader& root, Config& config);
/// [outbound]: where the program may send what people ask it to send. Then looks at the addresses that the configuration
/// itself names; after everything that has some.
void read_outbound(TableReader& root, Config& config);

} // namespace sportello::app
