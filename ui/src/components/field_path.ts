/** Whether a field that the server names ("limits[0].amount") is `name` or a part of it ("limits"). */
export function isAt(field: string, name: string): boolean {
  return field === name || (field.startsWith(name) && /^[.[]/.test(field.slice(name.length)));
}
