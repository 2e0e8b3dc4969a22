#include "media.hpp"

#include "ids.hpp"
#include "problems.hpp"

#include <algorithm>

namespace sportello::connectors::twitter {
namespace {

using State = ChannelTrouble::State;
using Class = PublishOutcome::Class;
using namespace std::chrono_literals;

constexpr std::size_t megabyte = std::size_t{1024} * 1024;
constexpr std::size_t image_limit_bytes = 5 * megabyte;
constexpr std::size_t gif_limit_bytes = 15 * megabyte;
constexpr std::size_t video_limit_bytes = 512 * megabyte;
constexpr std::size_t chunk_bytes = 4 * megabyte;
constexpr auto longest_pause = 30s;

Uploaded refuse(Class outcome, std::string reason, ChannelTrouble trouble = {})
{
    Uploaded uploaded;
    uploaded.obstacle.outcome = outcome;
    uploaded.obstacle.reason = std::move(reason);
    uploaded.obstacle.not_before = trouble.not_before;
    uploaded.obstacle.trouble = std::move(trouble);
    return uploaded;
}

/// What a call of an upload that did not work means: the file's own fault ends it, all else may be tried again.
Uploaded refuse(const Answer& answer, Instant now)
{
    const bool of_this_file = answer.status == 400 || answer.status == 413 || answer.status == 415 || answer.status == 422;
    if (of_this_file) return refuse(Class::failed, "X does not accept the file: " + in_words(problem_of(answer.json()), answer.status));
    ChannelTrouble trouble = trouble_of_read(answer, now);
    std::string reason = "The file could not be uploaded: " + trouble.reason;
    return refuse(Class::not_sent, std::move(reason), std::move(trouble));
}

bool is_gif(const OutgoingFile& file)
{
    return file.media_type == "image/gif";
}

bool is_picture(const OutgoingFile& file)
{
    return file.media_type.starts_with("image/") && !is_gif(file);
}

std::string category_of(const OutgoingFile& file, MediaUse use)
{
    const std::string kind = is_gif(file) ? "gif" : is_picture(file) ? "image" : "video";
    return (use == MediaUse::direct_message ? "dm_" : "tweet_") + kind;
}

/// Why X would not take the file in any case; empty when it may.
std::string obstacle_of(const OutgoingFile& file)
{
    if (file.bytes.empty()) return file.url.empty() ? "The file is empty" : "X takes files only by their bytes, not by their address";
    const bool video = file.media_type.starts_with("video/");
    if (!is_gif(file) && !is_picture(file) && !video) return "X takes pictures and videos only";
    if (is_picture(file) && file.bytes.size() > image_limit_bytes) return "The picture is larger than the 5 MB allowed here";
    if (is_gif(file) && file.bytes.size() > gif_limit_bytes) return "The picture is larger than the 15 MB allowed here";
    if (file.bytes.size() > video_limit_bytes) return "The video is larger than the 512 MB allowed here";
    return {};
}

/// One upload on its way: each call has what is left of the time.
class Upload {
public:
    Upload(Api& api, std::chrono::milliseconds deadline) : api_(api), end_(api.now() + deadline) {}

    [[nodiscard]] std::chrono::milliseconds left() const
    {
        return std::max(0ms, std::chrono::duration_cast<std::chrono::milliseconds>(end_ - api_.now()));
    }

    boost::asio::awaitable<Uploaded> in_one_go(OutgoingFile file, std::string category)
    {
        http::Parameters fields;
        fields.add("media_category", std::move(category));
        fields.add("media_type", file.media_type);
        const Answer answer = co_await api_.upload("/media/upload", std::move(fields), std::move(file), left());
        if (!answer.success()) co_return refuse(answer, api_.now());
        co_return co_await when_ready(answer);
    }

    boost::asio::awaitable<Uploaded> in_chunks(OutgoingFile file, std::string category)
    {
        const Json opening{{"media_type", file.media_type}, {"total_bytes", file.bytes.size()}, {"media_category", std::move(category)}};
        std::string text = opening.dump();
        const Answer opened = co_await api_.write(http::Method::post, "/media/upload/initialize", std::move(text), left());
        const std::string id = id_of(member(member(opened.json(), "data"), "id"));
        if (!opened.success() || !is_id(id)) co_return refuse(opened, api_.now());

        std::size_t segment = 0;
        for (std::size_t at = 0; at < file.bytes.size(); at += chunk_bytes, ++segment) {
            if (left() < 1s) co_return too_slow();
            http::Parameters fields;
            fields.add("segment_index", std::to_string(segment));
            OutgoingFile chunk{file.name, file.media_type, file.bytes.substr(at, chunk_bytes), {}};
            std::string path = "/media/upload/" + id + "/append";
            const Answer appended = co_await api_.upload(std::move(path), std::move(fields), std::move(chunk), left());
            if (!appended.success()) co_return refuse(appended, api_.now());
        }
        std::string path = "/media/upload/" + id + "/finalize";
        std::string nothing = "{}";
        const Answer ended = co_await api_.write(http::Method::post, std::move(path), std::move(nothing), left());
        if (!ended.success()) co_return refuse(ended, api_.now());
        co_return co_await when_ready(ended);
    }

private:
    static Uploaded too_slow() { return refuse(Class::not_sent, "X was too slow to take the file; tried again by itself"); }

    /// X works on videos for a while: asks until it says that it is done.
    boost::asio::awaitable<Uploaded> when_ready(Answer answer)
    {
        while (true) {
            const Json& data = member(answer.json(), "data");
            const std::string id = id_of(member(data, "id"));
            if (!answer.success() || !is_id(id)) co_return refuse(answer, api_.now());
            const Json& processing = member(data, "processing_info");
            const std::string state = text_of(member(processing, "state"));
            if (state == "failed") {
                const std::string why = text_of(member(member(processing, "error"), "message"));
                co_return refuse(Class::failed, "X cannot work with the file" + (why.empty() ? "" : ": " + why));
            }
            if (state.empty() || state == "succeeded") {
                Uploaded uploaded;
                uploaded.media_id = id;
                co_return uploaded;
            }
            const std::int64_t seconds = integer_of(member(processing, "check_after_secs")).value_or(1);
            const auto rest = std::clamp<base::Duration>(std::chrono::seconds(std::clamp<std::int64_t>(seconds, 1, 60)), 1s, longest_pause);
            if (left() < rest + 1s) co_return too_slow();
            co_await api_.pause(rest);
            http::Parameters query;
            query.add("command", "STATUS");
            query.add("media_id", id);
            answer = co_await api_.get("/media/upload", std::move(query), domain::CallUse::answering);
        }
    }

    Api& api_;
    Instant end_;
};

} // namespace

boost::asio::awaitable<Uploaded> upload_media(Api& api, OutgoingFile file, MediaUse use, std::chrono::milliseconds& deadline)
{
    if (std::string flaw = obstacle_of(file); !flaw.empty()) co_return refuse(Class::failed, std::move(flaw));
    Upload upload(api, deadline);
    std::string category = category_of(file, use);
    Uploaded uploaded;
    if (is_picture(file)) {
        uploaded = co_await upload.in_one_go(std::move(file), std::move(category));
    } else {
        uploaded = co_await upload.in_chunks(std::move(file), std::move(category));
    }
    deadline = upload.left();
    co_return uploaded;
}

} // namespace sportello::connectors::twitter
