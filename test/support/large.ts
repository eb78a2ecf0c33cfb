/** Whether cases are tried at their full size: `LARGE=1`, minutes and gigabytes. Else they are as large as every run can afford. */
export const IS_LARGE = process.env['LARGE'] === '1';
