/** Sound made here, and what is left of it: levels in decibels of full scale. Runs in a page. */

/** A track of white noise, of a voice, or of both. */
export function soundOf(
  context: AudioContext,
  parts: { readonly noise?: number; readonly voice?: number },
): MediaStreamTrack {
  const output = context.createMediaStreamDestination();
  output.channelCount = 1;
  if (parts.noise) play(context, output, parts.noise, () => Math.random() * 2 - 1);
  if (parts.voice) play(context, output, parts.voice, voice);
  const [track] = output.stream.getAudioTracks();
  if (!track) throw new Error("The browser gives no track.");
  return track;
}

/** The vowels of four syllables a second, at 140 Hz, with the overtones of a voice. */
function voice(t: number): number {
  const syllable = 0.15 + 0.85 * Math.abs(Math.sin(Math.PI * 4 * t)) ** 2;
  const glide = 140 * (t + 0.08 * Math.sin(2 * Math.PI * 0.5 * t));
  let value = 0;
  for (let overtone = 1; overtone <= 12; overtone += 1) {
    value += Math.sin(2 * Math.PI * overtone * glide) / (1 + Math.abs(overtone - 4));
  }
  return (value * syllable) / 6;
}

function play(context: AudioContext, output: AudioNode, level: number, sample: (t: number) => number): void {
  const length = context.sampleRate * 4;
  const buffer = context.createBuffer(1, length, context.sampleRate);
  const samples = buffer.getChannelData(0);
  for (let at = 0; at < length; at += 1) samples[at] = sample(at / context.sampleRate);
  const source = new AudioBufferSourceNode(context, { buffer, loop: true });
  const gain = new GainNode(context, { gain: level });
  source.connect(gain).connect(output);
  source.start();
}

/** Root mean square of both tracks over so many seconds of the same sound, in decibels of full scale. */
export async function levelsOf(
  context: AudioContext,
  tracks: readonly MediaStreamTrack[],
  seconds: number,
): Promise<number[]> {
  const listened = tracks.map((track) => {
    const analyser = new AnalyserNode(context, { fftSize: 2048 });
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    return { analyser, sum: 0, count: 0 };
  });
  const samples = new Float32Array(2048);
  const end = context.currentTime + seconds;
  while (context.currentTime < end) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    for (const one of listened) {
      one.analyser.getFloatTimeDomainData(samples);
      for (const sample of samples) one.sum += sample * sample;
      one.count += samples.length;
    }
  }
  return listened.map(({ sum, count }) => 10 * Math.log10(sum / count + 1e-12));
}
