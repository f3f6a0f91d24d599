#include "contract/framing.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

namespace culvert::contract {
namespace {

std::span<const std::byte> bytesOf(const std::string& text) {
  return std::as_bytes(std::span(text));
}

void feed(FrameReader& reader, std::span<const std::byte> bytes) {
  const auto space = reader.space();
  ASSERT_LE(bytes.size(), space.size());
  std::memcpy(space.data(), bytes.data(), bytes.size());
  reader.commit(bytes.size());
}

TEST(FrameReader, ReadsFramesHoweverTheStreamIsCut) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::byte> stream;
    std::vector<std::pair<std::string, std::string>> sent;
    for (int count = 0; count < 8; ++count) {
      const std::string json(random() % 40, 'j');
      const std::string attachment(random() % 3000, static_cast<char>('a' + count));
      ASSERT_TRUE(appendFrame(stream, json, bytesOf(attachment)));
      sent.emplace_back(json, attachment);
    }
    FrameReader reader;
    std::vector<std::pair<std::string, std::string>> received;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t chunk = std::min<std::size_t>(1 + random() % 500, stream.size() - at);
      feed(reader, std::span(stream).subspan(at, chunk));
      at += chunk;
      Frame frame;
      while (reader.next(frame) == FrameStatus::frame) {
        received.emplace_back(
            frame.json, std::string(reinterpret_cast<const char*>(frame.attachment.data()), frame.attachment.size()));
      }
    }
    EXPECT_EQ(received, sent);
  }
}

TEST(FrameReader, TakesTheLargestFrameAndRefusesALargerOne) {
  const std::string attachment(maxFrameBytes - 4 - 2, 'x');
  std::vector<std::byte> stream;
  ASSERT_TRUE(appendFrame(stream, "{}", bytesOf(attachment)));
  FrameReader reader;
  feed(reader, stream);
  Frame frame;
  ASSERT_EQ(reader.next(frame), FrameStatus::frame);
  EXPECT_EQ(frame.attachment.size(), attachment.size());

  std::vector<std::byte> untouched;
  EXPECT_FALSE(appendFrame(untouched, "{ }", bytesOf(attachment)));
  EXPECT_TRUE(untouched.empty());
}

TEST(FrameReader, RefusesLengthsThatCannotBe) {
  const std::vector<std::vector<unsigned char>> streams = {
      {0, 0, 0, 0},              // shorter than the JSON's length field
      {0, 0, 0, 3},              //
      {0, 4, 0, 1},              // larger than a frame may be
      {255, 255, 255, 255},      //
      {0, 0, 0, 6, 0, 0, 0, 3},  // JSON longer than the frame
  };
  for (const auto& stream : streams) {
    FrameReader reader;
    feed(reader, std::as_bytes(std::span(stream)));
    Frame frame;
    EXPECT_EQ(reader.next(frame), FrameStatus::malformed);
  }
}

TEST(FrameReader, WipesAFrameOnceTheNextIsAskedFor) {
  std::vector<std::byte> stream;
  ASSERT_TRUE(appendFrame(stream, "{}", bytesOf("key")));
  FrameReader reader;
  feed(reader, stream);
  Frame frame;
  ASSERT_EQ(reader.next(frame), FrameStatus::frame);
  const auto key = frame.attachment;
  ASSERT_EQ(std::to_integer<char>(key[0]), 'k');
  ASSERT_EQ(reader.next(frame), FrameStatus::incomplete);
  EXPECT_EQ(std::to_integer<char>(key[0]), 0);
}

}  // namespace
}  // namespace culvert::contract
