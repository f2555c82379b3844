// The text in a picture of a QR code, where the browser can read one.

// Not every browser reads codes, and no language of types knows it yet.
interface Detector {
  detect(image: ImageBitmap): Promise<{ rawValue: string }[]>
}
const reader = (window as unknown as { BarcodeDetector?: new (options: { formats: string[] }) => Detector }).BarcodeDetector

export const readsCodes = reader !== undefined

export async function textOfCode(file: File): Promise<string> {
  if (!reader) throw new Error('This browser reads no QR codes. Paste what is in it instead.')
  const [first] = await new reader({ formats: ['qr_code'] }).detect(await createImageBitmap(file))
  if (!first) throw new Error('No QR code was found in that picture.')
  return first.rawValue
}
