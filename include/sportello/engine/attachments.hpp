#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/attachments.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

/// Fetches files from platforms; whoever wires the program together gives one. It goes to public addresses of the
/// platforms' hosts only, at each redirect too.
class FileSource {
public:
    virtual ~FileSource() = default;
    struct Fetched {
        int status = 0;
        std::string bytes;
    };
    /// @param hosts  what a host must be or end in (".fbcdn.net"), at each hop
    /// @return unavailable when there is no answer, or one larger than `most_bytes`
    virtual boost::asio::awaitable<base::Result<Fetched>> fetch(std::string url, std::vector<std::string> hosts,
                                                                std::size_t most_bytes) = 0;
};

/// A file as it is handed out.
struct FileContent {
    std::string name;           ///< safe: no path, no control characters
    std::string media_type;     ///< as its bytes say
    bool is_safe_image = false; ///< may be shown in a page
    std::string bytes;
};

/// Files of customers and of agents. Each is looked at for what it really is, kept under the digest of its bytes beside the
/// database, and on the disk before any row tells of it.
class Attachments {
public:
    Attachments(boost::asio::any_io_executor executor, storage::Database& db, const Settings& settings, base::Clock& clock);

    /// Fetches what customers attach, until stop(); ends at once without a source or a folder.
    boost::asio::awaitable<void> run();
    void stop();
    void wake();
    void use(FileSource* source) { source_ = source; }

    /// Keeps a file that a person wants to attach to a reply in this ticket; unused it is forgotten after a day.
    /// @return invalid_input (pointer "/file") for one that is too large, empty, or of a kind that goes nowhere
    boost::asio::awaitable<base::Result<storage::Upload>> upload(domain::TicketId ticket, std::string name, std::string bytes,
                                                                 Command command);
    /// A customer's file, for who may see its ticket. conflict while it is not here, with the reason.
    boost::asio::awaitable<base::Result<FileContent>> of_message(std::int64_t attachment, Actor actor);
    /// An agent's, for who may see its ticket.
    boost::asio::awaitable<base::Result<FileContent>> of_upload(std::int64_t upload, Actor actor);

private:
    boost::asio::awaitable<base::Instant> round();
    boost::asio::awaitable<void> fetch(storage::StoredAttachment attachment);

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    base::Signal signal_;
    FileSource* source_ = nullptr;
    bool stopping_ = false;
};

} // namespace sportello::engine
