--- What the server cannot see and is told: what is drawn, what part is taken, where the
--- cursor rests. The notifications have the names of GitHub Copilot's.

local M = {}

---@type table<string, table> The part last accepted, by URI, until the server has the edit.
local parts = {}

--- An item as the server sent it, as far as it looks at it.
---@param command lsp.Command
---@param text string
---@return table
local function item_of(command, text)
  return { insertText = text, command = command }
end

--- An item is on screen.
---@param client vim.lsp.Client
---@param item lsp.InlineCompletionItem
function M.shown(client, item)
  if item.command then
    client:notify('textDocument/didShowCompletion', { item = item })
  end
end

--- A part of an item is about to be inserted.
---@param client_id integer
---@param bufnr integer
---@param item vim.lsp.inline_completion.Item As it came.
---@param accepted string What will stand in the buffer of it.
function M.part(client_id, bufnr, item, accepted)
  if item.command then
    parts[vim.uri_from_bufnr(bufnr)] = {
      client_id = client_id,
      params = {
        item = item_of(item.command, item.insert_text --[[@as string]]),
        acceptedLength = vim.str_utfindex(accepted, 'utf-16'),
      },
    }
  end
end

--- The server has been sent an edit: now it can place the part that came with it.
---@param client_id integer
---@param params lsp.DidChangeTextDocumentParams
function M.changed(client_id, params)
  local uri = params.textDocument.uri
  local part = parts[uri]
  if part and part.client_id == client_id then
    parts[uri] = nil
    local client = vim.lsp.get_client_by_id(client_id)
    if client then
      client:notify('textDocument/didPartiallyAcceptCompletion', part.params)
    end
  end
end

--- Where text would be put in next. A cursor that is a block stands on a character:
--- on the last one of a line the place is behind it, on a word behind the word.
---@return integer Bytes before it.
local function place()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local is_top = row == 1 and column == 0 -- of a file that was opened: no place yet
  if is_top or vim.api.nvim_get_mode().mode:match('^[iR]') then
    return column
  end
  return vim.fn.matchend(vim.api.nvim_get_current_line(), [[^\%(.$\|\k*\)]], column)
end

--- The user looks at a buffer, and the cursor rests there.
---@param client vim.lsp.Client
function M.focused(client)
  local encoding = client.offset_encoding
  local params = vim.lsp.util.make_position_params(0, encoding)
  local line = vim.api.nvim_get_current_line()
  params.position.character = vim.str_utfindex(line, encoding, place())
  client:notify('textDocument/didFocus', params)
end

return M
