/** Made of byte-scan.wat by scripts/byte-scan.ts: WebAssembly in base64. */
export const BYTE_SCAN_MODULE = [
  'AGFzbQEAAAABBwFgAn9/AX8DAgEABQMBAAUGBgF/AUEACwcYAwZtZW1vcnkCAARoaWdoAwAEc2NhbgAAClgBVgECewJAA0AgACAB',
  'Tw0BIAD9AAQAIQIgAyAC/VAhAyACQSD9D/0mIAJBCv0P/SP9TyACQdwA/Q/9I/1Q/VMNASAAQRBqIQAMAAsLIwAgA/1kciQAIAAL',
].join('');
