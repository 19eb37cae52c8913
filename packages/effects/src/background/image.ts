/** Reads a picture that is to be a background, however large it is, into one that is large enough. */
import { EffectError } from "@satsuma/client";

/** Pixels; more than any camera gives in a call. */
const most = 1920;

export async function readImage(url: string): Promise<ImageBitmap> {
  const image = new Image();
  image.crossOrigin = "anonymous";
  image.src = url;
  try {
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image;
    const scale = Math.min(1, most / Math.max(width, height));
    return await createImageBitmap(image, {
      resizeWidth: Math.max(1, Math.round(width * scale)),
      resizeHeight: Math.max(1, Math.round(height * scale)),
      resizeQuality: "high",
    });
  } catch (cause) {
    throw new EffectError("image-unreadable", { cause });
  }
}
