#pragma once

#include "api.hpp"

#include <optional>
#include <string>

namespace sportello::connectors::twitter {

/// Where a file will stand: X wants to know when it is uploaded.
enum class MediaUse { post, direct_message };

/// A file that X has taken, or why not. Uploading shows nothing to anybody: whatever went wrong, nothing was sent.
struct Uploaded {
    std::string media_id; ///< empty: see `obstacle`
    PublishOutcome obstacle;
};

/// Uploads a picture in one go, anything else and large ones in chunks, and waits until X has worked on it.
/// @param deadline  for all of it; what is left is written back
boost::asio::awaitable<Uploaded> upload_media(Api& api, OutgoingFile file, MediaUse use, std::chrono::milliseconds& deadline);

} // namespace sportello::connectors::twitter
