#pragma once

#include "x_api.hpp"

#include <string>
#include <vector>

namespace sportello::simulator {

XAnswer x_upload(const XCall& call);
XAnswer x_upload_initialize(const XCall& call);
XAnswer x_upload_append(const XCall& call);
XAnswer x_upload_finalize(const XCall& call);
XAnswer x_upload_status(const XCall& call);
XAnswer x_media_metadata(const XCall& call);

/// What hangs at a new post or message: uploads of the caller that X has finished with. @throw XFailure for any other
[[nodiscard]] std::vector<Media> take_x_media(const XCall& call, const std::vector<std::string>& ids, bool direct);

/// A file of an item as `includes.media` shows it.
struct XMediaRow {
    std::string key;
    ordered_json body;
};
[[nodiscard]] XMediaRow x_media_row(const Item& item, std::size_t index);

} // namespace sportello::simulator
